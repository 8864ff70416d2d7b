/**
 * What would stand in the way of a rollback, found before one is needed: the plan that would be made now, who would act at the
 * same time, and what of Backstep itself is not as it should be. From facts to findings; who reads the facts is not known here.
 */
import { inWords, secondsBetween } from './elapsed.ts';
import type { KillSwitch } from './kill-switch.ts';
import type { Check, RollbackRecord } from './model.ts';
import { isReadinessAlarm } from './names.ts';
import { overlapsOf, whyUnread } from './overlaps.ts';
import { decidePlan } from './plan.ts';
import { type PlanFacts, unitFacts } from './plan-facts.ts';

/** What was read, or why it could not be. */
export type Reading<T> = { readonly value: T } | { readonly problem: string };

/** `note`: good to know. `finding`: would disturb a rollback. `blocker`: one could not be made now. */
export type Severity = 'note' | 'finding' | 'blocker';

export interface Finding {
  readonly severity: Severity;
  /** What it is about, a few words. */
  readonly what: string;
  /** One or two sentences with names and numbers. */
  readonly evidence: string;
  readonly whatToDo: string;
}

export interface AlarmState {
  readonly name: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
  /** ISO 8601. */
  readonly since: string;
  readonly description: string;
}

export interface BrokenExecution {
  readonly name: string;
  /** `FAILED`, `TIMED_OUT` or `ABORTED`. */
  readonly status: string;
  readonly stoppedAt: string;
}

export interface DoctorFacts {
  readonly now: string;
  readonly service: string;
  /** What a rollback to `previous` by hand would be decided on. */
  readonly plan: Reading<PlanFacts>;
  /** Of the service, with those that it should have: by name. */
  readonly alarms: Reading<{ readonly expected: readonly string[]; readonly found: readonly AlarmState[] }>;
  /** Backstep's alarms on itself. */
  readonly operations: Reading<readonly AlarmState[]>;
  /** Executions of the rollback machine that did not end well, of the last days, of every service. */
  readonly executions: Reading<readonly BrokenExecution[]>;
  /** Of the service, newest first. */
  readonly rollbacks: Reading<readonly RollbackRecord[]>;
  readonly killSwitch: KillSwitch;
  /** Functions that whoever asks may not invoke, with AWS's words; absent where nobody asks in person. */
  readonly uninvocable?: readonly { readonly name: string; readonly problem: string }[];
}

/** An alarm without data for so long is not only young, or its service idle for a moment. */
export const stuckSeconds = 3_600;
/** How far back an end that was no good one is told. */
export const lookBackDays = 7;

/** The worst first. */
export function diagnose(facts: DoctorFacts): Finding[] {
  const findings = [
    ...plan(facts),
    ...overlaps(facts),
    ...alarms(facts),
    ...operations(facts),
    ...executions(facts),
    ...rollbacks(facts),
    ...killSwitch(facts),
    ...permissions(facts),
  ];
  const rank = ({ severity }: Finding): number => ['blocker', 'finding', 'note'].indexOf(severity);
  return findings.sort((a, b) => rank(a) - rank(b));
}

/** Exit code of the command, and what the daily look alarms on: 0 good, 1 a finding, 2 a rollback could not be made now. */
export function worst(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ severity }) => severity === 'blocker')) return 2;
  return findings.some(({ severity }) => severity === 'finding') ? 1 : 0;
}

// ---------------------------------------------------------------- the plan that would be made now

const severities: Readonly<Record<Check['status'], Severity | undefined>> = {
  ok: undefined,
  warning: 'finding',
  failed: 'blocker',
  'not checked': 'note',
};

/** By how the check's name begins. */
const advice: readonly (readonly [string, string])[] = [
  ['target', 'Deploy a release and let it prove itself, or name a version yourself when you roll back (--to).'],
  ['image', 'Keep the images of the last releases in the registry: look at its lifecycle policy.'],
  [
    'companion',
    'Deploy it with its service once more and let both serve, or leave it out of companions where it goes its own way.',
  ],
  ['configuration', 'Keep what the last releases read, or roll forward.'],
  [
    'migrations',
    'Know what the migrations since the target did before you roll back: the old code has to understand it. A pipeline may tell: npx backstep release register.',
  ],
  ['database', 'See to the database, or set policy.backup to what you want without a snapshot.'],
  ['mechanism', 'Roll that service back with the tool that deploys it, or leave it out of companions.'],
  ['controller', 'Roll back with the tool that deploys this service, until it is one that Backstep can go through.'],
  ['stack', 'Wait for the stack, or stop its update: what it deploys would undo the rollback.'],
  ['deployment', 'Wait for the deployment under way, or stop it.'],
  ['circuit breaker', 'Wait until ECS is back where it goes.'],
  ['rule', 'Look at the listener rule: its weights, and the stickiness of its target groups.'],
  ['capacity', 'Give the side that is to serve the tasks that it needs.'],
  ['request', "Correct the service's policy in backstep.json, and deploy."],
];

function plan({ plan: reading }: DoctorFacts): Finding[] {
  if ('problem' in reading) {
    return [
      {
        severity: 'finding',
        what: 'plan',
        evidence: `What a plan is decided on could not be read: ${reading.problem}`,
        whatToDo: 'Ask again with the permissions to read it; the rollback itself reads with those of its own role.',
      },
    ];
  }
  // What overlaps is told by itself, with what to do about each.
  const checks = decidePlan(reading.value).checks.filter(({ name }) => !name.startsWith('overlaps'));
  return checks.flatMap(({ name, status, evidence }) => {
    const severity = severities[status];
    const known = advice.find(([begins]) => name.startsWith(begins));
    return severity
      ? [{ severity, what: name, evidence, whatToDo: known?.[1] ?? 'Look at it before you need it.' }]
      : [];
  });
}

function overlaps({ plan: reading }: DoctorFacts): Finding[] {
  if ('problem' in reading) return [];
  const { codeDeploy } = reading.value;
  const unread = whyUnread(codeDeploy);
  return [
    ...unitFacts(reading.value).flatMap(({ side, service }) =>
      (service ? overlapsOf(side, service, codeDeploy) : []).map((overlap) => ({
        what: `overlaps of ${side.name}`,
        ...overlap,
      })),
    ),
    ...(unread === undefined ? [] : [unknown('overlaps', unread)]),
  ];
}

// ---------------------------------------------------------------- alarms

function alarms({ alarms: reading, now }: DoctorFacts): Finding[] {
  if ('problem' in reading) return [unknown('alarms', `The alarms could not be read: ${reading.problem}`)];
  const { expected, found } = reading.value;
  const missing = expected.filter((name) => !found.some((alarm) => alarm.name === name));
  const stuck = found.filter(
    ({ state, since }) => state === 'INSUFFICIENT_DATA' && secondsBetween(since, now) >= stuckSeconds,
  );
  const on = found.filter(({ state }) => state === 'ALARM');
  return [
    ...some(missing, (names) => ({
      severity: 'finding',
      what: 'alarms missing',
      evidence: `${names.join(', ')}: CloudWatch has no such alarm, so it starts no rollback.`,
      whatToDo:
        'Deploy again; alarms that somebody else made and the configuration adopts, that team has to bring back.',
    })),
    ...some(stuck, (stale) => ({
      severity: 'finding',
      what: 'alarms without data',
      evidence: `${stale.map(({ name, since }) => `${name} since ${since} (${inWords(secondsBetween(since, now))})`).join('; ')}: they can start nothing.`,
      whatToDo: 'Look whether their metrics still exist, and whether their names and dimensions are right.',
    })),
    ...some(on, (alarming) => ({
      severity: 'finding',
      what: 'alarms on',
      evidence: `${alarming.map(({ name, since }) => `${name} since ${since}`).join('; ')}.`,
      whatToDo: 'See to the service: npx backstep status tells what is under way.',
    })),
  ];
}

function operations({ operations: reading }: DoctorFacts): Finding[] {
  if ('problem' in reading) return [unknown('backstep itself', `Its own alarms could not be read: ${reading.problem}`)];
  return (
    reading.value
      // What the daily check found is not repeated: this is a check of its own, of now.
      .filter(({ state, name }) => state === 'ALARM' && !isReadinessAlarm(name))
      .map(({ name, since, description }) => ({
        severity: 'finding' as const,
        what: name.includes('/dead-letters') ? 'dead letters' : 'backstep itself',
        evidence: `${name} is on since ${since}.`,
        whatToDo: description,
      }))
  );
}

// ---------------------------------------------------------------- how it went lately

function executions({ executions: reading }: DoctorFacts): Finding[] {
  if ('problem' in reading) {
    return [
      {
        severity: 'finding',
        what: 'Step Functions',
        evidence: `Its executions could not be listed: ${reading.problem}`,
        whatToDo: 'If it does not answer anybody, roll back with npx backstep rollback --direct.',
      },
    ];
  }
  return some(reading.value, (broken) => ({
    severity: 'finding',
    what: 'executions',
    evidence: `In the last ${lookBackDays} days ${broken.map(({ name, status, stoppedAt }) => `${name} ended ${status} at ${stoppedAt}`).join('; ')}.`,
    whatToDo: 'Read their reports, or the cause of those that have none, and see to what they could not.',
  }));
}

function rollbacks({ rollbacks: reading, service }: DoctorFacts): Finding[] {
  if ('problem' in reading)
    return [unknown('rollbacks', `The rollbacks of ${service} could not be read: ${reading.problem}`)];
  const bad = reading.value.filter(({ outcome }) => outcome === 'halted' || outcome === 'needs-attention');
  return some(bad, (ended) => ({
    severity: 'finding',
    what: 'rollbacks',
    evidence: `In the last ${lookBackDays} days ${ended.map(({ rollbackId, outcome }) => `${rollbackId} ended ${outcome}`).join('; ')}.`,
    whatToDo: 'Read their reports: what was left half way stays so until a person decides.',
  }));
}

function killSwitch({ killSwitch: found }: DoctorFacts): Finding[] {
  if (found.state === 'off') return [];
  return [
    {
      severity: 'finding',
      what: 'kill switch',
      evidence: `${found.reason} Nothing rolls back by itself.`,
      whatToDo:
        found.state === 'on'
          ? 'Once it is no longer wanted: npx backstep resume.'
          : 'Make it readable, or set it to off.',
    },
  ];
}

function permissions({ uninvocable }: DoctorFacts): Finding[] {
  return some(uninvocable ?? [], (refused) => ({
    severity: 'note',
    what: 'your permissions',
    evidence: `You may not invoke ${refused.map(({ name }) => name).join(', ')}: ${refused[0]?.problem ?? ''}`,
    whatToDo: 'Only rollback --direct needs it, for when Step Functions is broken: docs/direct.md has the policy.',
  }));
}

// ----------------------------------------------------------------

const unknown = (what: string, evidence: string): Finding => ({
  severity: 'finding',
  what,
  evidence,
  whatToDo: 'Ask again with the permission to read it.',
});

function some<T>(items: readonly T[], finding: (items: readonly T[]) => Finding): Finding[] {
  return items.length > 0 ? [finding(items)] : [];
}
