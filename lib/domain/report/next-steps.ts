/** What to do after it, by outcome; the first line is the most urgent. */
import type { Json, Outcome, Plan, RollbackRequest } from '../model.ts';
import { stateMachineName } from '../names.ts';
import { nameOf } from '../releases.ts';
import { startInput } from '../request.ts';
import { type ReportFacts, startWith } from './facts.ts';
import { snapshotComponent } from './snapshot.ts';

export function nextSteps(facts: ReportFacts): string[] {
  return [...aboutDatabase(facts), ...byOutcome[facts.outcome](facts), ...aftercare(facts)];
}

/** The runbook's own lists, for people to tick: validation after a change, procedures after a finished rollback. */
export function checklists(
  facts: Pick<ReportFacts, 'configuration' | 'outcome'>,
): { title: string; items: string[] }[] {
  const { runbook } = facts.configuration;
  const lists: { title: string; items: string[] }[] = [];
  if (changed(facts.outcome)) {
    lists.push({
      title: `Validation checklist of ${runbook.runbookId}`,
      items: texts(runbook.document, 'validation_checklist'),
    });
  }
  if (facts.outcome === 'verified') {
    const items = texts(runbook.document, 'post_rollback_procedures');
    lists.push({ title: `Procedures after a rollback of ${runbook.runbookId}`, items });
  }
  return lists.filter((list) => list.items.length > 0);
}

/** True for outcomes after which the account may differ from before. */
export const changed = (outcome: Outcome): boolean => ['verified', 'halted', 'needs-attention'].includes(outcome);

const byOutcome: Readonly<Record<Outcome, (facts: ReportFacts) => string[]>> = {
  verified: ({ configuration }) => [
    `Users are served by the earlier release, and the bake of ${configuration.policy.bakeMinutes} minutes is over. Keep an eye on it for a day.`,
  ],
  ready: (facts) => [
    `To do it for real, start ${stateMachineName(facts.context.environment)} with exactly this input: ${JSON.stringify(startWith(facts))}`,
  ],
  'already-at-target': () => [
    'The release is not what is wrong: look at dependencies, configuration, data and traffic.',
    'To go further back, name a release with "version".',
  ],
  duplicate: () => ['Follow the rollback named above; this one needs nothing more.'],
  observed: ({ context, configuration }) => [
    'If the alarm is real, look for a cause other than a release: dependencies, configuration, data, traffic.',
    `If a rollback is right all the same, start ${stateMachineName(context.environment)} with ${JSON.stringify(byHand(context.request, configuration.production))}`,
  ],
  declined: ({ context, configuration }) => [
    'Roll forward, or wait until the reason no longer holds.',
    `If a rollback is right all the same, start ${stateMachineName(context.environment)} with ${JSON.stringify(byHand(context.request, configuration.production))}`,
  ],
  blocked: () => [
    'Roll forward: fix the cause named above in a new release.',
    'If the failed checks can be cured, cure them and start again.',
  ],
  halted: () => [
    'See which side serves users now, and whether it is the better one. Nothing more will be changed by this rollback.',
    'If the execution was stopped, redrive it to go on where it was; that works as long as no other rollback of the service has begun.',
    'Else finish or undo it by hand with the files in scripts/. Read each before you run it.',
    'If the target does not become healthy: was it good at all, does it miss configuration that changed since? Go further back with "version", or roll forward.',
  ],
  'needs-attention': () => [
    'Look at the service now: the rollback stays in place, but it is not proven healthy.',
    'If the release before is healthy in truth (for example, no traffic at night), nothing more is needed; tell the others.',
    'If it is unhealthy too, go further back with "version", or roll forward. scripts/undo.sh puts back what was there.',
  ],
};

/** A person was called for the snapshot's sake: that it is not the service that needs them comes first. */
function aboutDatabase({ outcome, verdict, snapshot }: ReportFacts): string[] {
  if (outcome !== 'needs-attention' || verdict?.result !== 'healthy' || !snapshot) return [];
  const { action, reading } = snapshot;
  if (reading.kind === 'found' && reading.view.status === 'available') return [];
  return [
    `The service is healthy; the database has no finished snapshot: ${snapshotComponent(action, reading)}. Take one with ` +
      'scripts/database.sh, or wait for this one, before anybody changes the database.',
  ];
}

function aftercare({ outcome, plan, checkpoint, snapshot, drifts = [] }: ReportFacts): string[] {
  if (!changed(outcome) || !plan || plan.actions.length === 0) return [];
  const kept = snapshot?.reading.kind === 'found' ? snapshot.reading.view.id : undefined;
  const suspect = plan.suspect ? nameOf(plan.suspect) : 'the release that was rolled back';
  const sticky = (checkpoint?.rules ?? []).some((rule) => rule.stickiness.enabled);
  const shifted = plan.actions.some((action) => action.type === 'ShiftTraffic');
  return [
    `Fix forward: a rollback buys time, it is not the cure. Write down who fixes ${suspect}, and by when.`,
    'Hold the pipeline: the next deployment or stack update may bring the bad release back, since code and templates still name it.',
    ...(drifts.length > 0
      ? ['Or keep the earlier release in your code until then: drift.md has the smallest change for it.']
      : []),
    ...(kept ? [`Snapshot ${kept} is kept, and counts as a manual one: delete it once nobody needs it any more.`] : []),
    ...(shifted ? [badSide(plan)] : []),
    ...(sticky && shifted
      ? [
          'Group stickiness was switched off, because cookies would still lead users to the bad side. It comes back by itself once they have expired, unless somebody sets other weights before.',
        ]
      : []),
  ];
}

/** Whether it was done, the steps tell. */
function badSide({ actions }: Plan): string {
  const after = actions.find(({ afterVerification }) => afterVerification);
  switch (after?.type) {
    case 'ScaleIn':
      return `Side ${after.side} is scaled in once the rollback is verified: start its tasks again before traffic can return to it.`;
    case 'RevertService':
      return `Side ${after.side} gets the earlier release as well, once the rollback is verified. Deploy the fix there first.`;
    default:
      return 'The side that was taken out of service is left as it is, as evidence. Scale it in when it was looked at.';
  }
}

/** Without the alarm: a person decides now. */
function byHand({ trigger: _trigger, ...request }: RollbackRequest, production: boolean): Json {
  return startInput(request, production);
}

function texts(document: Json, key: string): string[] {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return [];
  const list = document[key];
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : [];
}
