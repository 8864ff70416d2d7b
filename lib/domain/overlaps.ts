/**
 * Who else would act on a service that is being rolled back: ECS by alarms and circuit breaker of its own, CodeDeploy by its
 * deployment groups, whoever owns the weights. The plan shows it as a check, the doctor as findings.
 */
import type { ServiceView } from './ecs.ts';
import type { Check, Side } from './model.ts';

/** A deployment group of CodeDeploy that names an ECS service. */
export interface DeploymentGroupView {
  readonly application: string;
  readonly name: string;
  readonly cluster: string;
  readonly service: string;
  /** Events after which it rolls back by itself: `DEPLOYMENT_FAILURE`, …; empty where it does not. */
  readonly rollsBackOn: readonly string[];
  /** Alarms that stop its deployments; empty where it watches none. */
  readonly alarms: readonly string[];
}

/** All groups of the account and region that deploy to ECS, or why nobody could tell. */
export type GroupsReading = { readonly groups: readonly DeploymentGroupView[] } | { readonly problem: string };

export interface Overlap {
  /** `note`: good to know; `finding`: two may act on one deployment. */
  readonly severity: 'note' | 'finding';
  /** Both are sentences. */
  readonly evidence: string;
  readonly whatToDo: string;
}

export function overlapsOf(side: Side, service: ServiceView, reading: GroupsReading | undefined): Overlap[] {
  const groups = reading && 'groups' in reading ? reading.groups.filter((group) => deploys(group, side)) : [];
  return [
    ...deploymentAlarms(service),
    ...circuitBreaker(service),
    ...strategy(side, service),
    ...groups.flatMap((group) => codeDeploy(group, service)),
  ];
}

/** One for each side, whatever was found. */
export function overlapCheck(side: Side, service: ServiceView | undefined, reading: GroupsReading | undefined): Check {
  const name = `overlaps of ${side.name}`;
  if (!service) return { name, status: 'not checked', evidence: 'There is no service.' };
  const overlaps = overlapsOf(side, service, reading);
  const unread = whyUnread(reading);
  const evidence = [...overlaps.map((overlap) => overlap.evidence), ...(unread === undefined ? [] : [unread])].join(
    ' ',
  );
  if (overlaps.some(({ severity }) => severity === 'finding')) return { name, status: 'warning', evidence };
  if (unread !== undefined) return { name, status: 'not checked', evidence };
  return { name, status: 'ok', evidence: evidence || `Nobody else deploys ${side.service} or rolls it back.` };
}

/** Why it is not known whether CodeDeploy has a group for the service; undefined where it is. */
export function whyUnread(reading: GroupsReading | undefined): string | undefined {
  if (!reading) return 'CodeDeploy was not asked for deployment groups.';
  return 'problem' in reading ? `CodeDeploy could not be asked for deployment groups: ${reading.problem}` : undefined;
}

function deploymentAlarms({ deploymentAlarms: alarms, deploymentAlarmsRollBack: rollsBack }: ServiceView): Overlap[] {
  if (alarms.length === 0) return [];
  const watched = `ECS watches ${alarms.join(', ')} in every deployment that begins while none of them is on`;
  if (!rollsBack) {
    return [
      {
        severity: 'note',
        evidence: `${watched}, and fails it when one goes on: that of a rollback too.`,
        whatToDo: 'Nothing: a rollback whose deployment fails so halts, and says why.',
      },
    ];
  }
  return [
    {
      severity: 'finding',
      evidence: `${watched}, and rolls it back by itself when one goes on.`,
      whatToDo:
        'Let one of the two decide: switch "rollback" of the deployment alarms off, or leave the alarms that ECS watches out ' +
        'of the runbook. With both, ECS may go back while a rollback is on its way, or undo the rollback itself.',
    },
  ];
}

function circuitBreaker({ circuitBreaker: { enabled, rollback } }: ServiceView): Overlap[] {
  if (!enabled || !rollback) return [];
  return [
    {
      severity: 'note',
      evidence:
        "ECS's circuit breaker goes back by itself where the tasks of a deployment do not start: also where those of the target do not.",
      whatToDo: 'Nothing: it acts on tasks that do not start, which no alarm has seen yet.',
    },
  ];
}

function strategy(side: Side, { controller, strategy: deploys }: ServiceView): Overlap[] {
  if (controller !== 'ECS' || deploys === 'ROLLING') return [];
  return [
    {
      severity: 'finding',
      evidence: `ECS itself moves the traffic of ${side.service} (${deploys}), in steps and with a bake of its own.`,
      whatToDo:
        'Leave the weights of its listener rules to ECS: whoever else sets them during a deployment is in its way.',
    },
  ];
}

function codeDeploy(group: DeploymentGroupView, { controller }: ServiceView): Overlap[] {
  const { application, name, rollsBackOn, alarms } = group;
  const what = `CodeDeploy's deployment group ${name} of ${application} names this service`;
  if (controller !== 'CODE_DEPLOY') {
    return [
      {
        severity: 'note',
        evidence: `${what}, which ${controller} deploys: CodeDeploy can do nothing with it.`,
        whatToDo: 'Delete the group if it is left over.',
      },
    ];
  }
  const acts = [
    ...(rollsBackOn.length > 0 ? [`rolls back by itself on ${rollsBackOn.join(', ')}`] : []),
    ...(alarms.length > 0 ? [`stops a deployment when ${alarms.join(', ')} is on`] : []),
  ];
  if (acts.length === 0) {
    return [{ severity: 'note', evidence: `${what}, and rolls nothing back by itself.`, whatToDo: 'Nothing.' }];
  }
  return [
    {
      severity: 'finding',
      evidence: `${what}: it ${acts.join(', and ')}.`,
      whatToDo:
        "Let one of the two decide: switch the group's automatic rollback and alarms off, or leave those alarms out of the runbook.",
    },
  ];
}

/** A side may name its cluster by ARN. */
const deploys = ({ cluster, service }: DeploymentGroupView, side: Side): boolean =>
  service === side.service && cluster === side.cluster.slice(side.cluster.lastIndexOf('/') + 1);
