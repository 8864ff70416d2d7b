/**
 * How long it takes from the first bad second to Backstep's decision, for each alarm of the examples' runbooks, in
 * virtual seconds, beside the least that its window allows. Whole runs of the synthesized stack: the load balancer
 * counts, CloudWatch publishes and evaluates, EventBridge delivers, Admit starts cold and decides.
 *
 * Run with `npm run bench:detection`. The numbers are the same everywhere.
 */
import { dirname, resolve } from 'node:path';
import { synthesize } from '../bin/synthesize.ts';
import { loadConfiguration } from '../lib/config/load.ts';
import type { AlarmDefinition } from '../lib/domain/model.ts';
import { summaryOf } from '../simulator/scenario/expectations.ts';
import { loadScenario } from '../simulator/scenario/parse.ts';
import { type FinishedRun, runScenario } from '../simulator/scenario/run.ts';
import type { Scenario } from '../simulator/scenario/schema.ts';
import { publicationDelayMs } from '../simulator/world/traffic.ts';

/** What makes an alarm go on, by the last part of its trigger's or its own name. */
const troubles: Readonly<Record<string, object>> = {
  error_rate_spike: { errorRate: 0.3 },
  response_time_degradation: { latencyMs: { p50: 2_500, p95: 6_000 } },
  availability_drop: { errorRate: 0.3 },
  hosts: { healthy: false },
  cpu_saturation: { cpuPercent: 98 },
};
const releaseAt = 'PT3M';
const troubleMinute = 10;

interface Detection {
  readonly alarmSeconds: number;
  readonly startSeconds: number;
  readonly decisionSeconds: number;
  readonly outcome: string;
}

console.log('virtual seconds from the first bad one to      window   alarm   start  decision  beyond the window');
for (const example of ['01-checkout', '02-two-sides']) {
  const file = resolve(import.meta.dirname, `../examples/${example}/scenario.json`);
  const path = resolve(dirname(file), 'backstep.json');
  const service = loadConfiguration(path).environments.production?.services.checkout;
  console.log(example);
  for (const alarm of service?.triggers.flatMap(({ alarms }) => alarms) ?? []) await measure(file, alarm);
}
console.log(`
The window is the least that any alarm of so many periods can take. Beyond it: ${publicationDelayMs / 1_000} s until the load balancer's minute
is published, up to 60 s until CloudWatch looks at this alarm again, 0.5 s for the event, and Admit, cold, after it. Healthy
hosts take the target group's failing health checks on top; utilization is sampled at the end of its minute.`);

async function measure(file: string, alarm: AlarmDefinition): Promise<void> {
  const name = alarm.name.split('/').slice(3).join('/');
  const key = Object.keys(troubles).findLast((trouble) => name.split('/').includes(trouble));
  const run = key === undefined ? undefined : await play(file, alarm, troubles[key] ?? {});
  const found = run && detect(run, alarm);
  const label = `  ${name}`.padEnd(44);
  if (!found) {
    console.log(`${label} no trouble of this world makes it go on`);
    return;
  }
  const window = alarm.datapointsToAlarm * alarm.periodSeconds;
  const { alarmSeconds, startSeconds, decisionSeconds, outcome } = found;
  const numbers = [alarmSeconds, startSeconds, decisionSeconds, decisionSeconds - window];
  const columns = numbers.map((number, index) => number.toFixed(1).padStart([7, 7, 9, 10][index] ?? 0));
  console.log(`${label} ${String(window).padStart(8)} ${columns.join(' ')}  ${outcome}`);
}

/** A release that does nothing wrong, and minutes later the trouble in whatever runs. */
async function play(file: string, alarm: AlarmDefinition, behaviour: object): Promise<FinishedRun> {
  const once = loadScenario(file);
  const account = structuredClone(once.account);
  for (const definition of account.taskDefinitions ?? [])
    definition.behaviour = { ...definition.behaviour, errorRate: 0.002, latencyMs: { p50: 60, p95: 140 } };
  const deploy = once.events.find((event) => event.type === 'deploy');
  if (!deploy) throw new Error(`${file} releases nothing.`);
  const minutes = (alarm.evaluationPeriods * alarm.periodSeconds) / 60 + 5;
  const at = `PT${troubleMinute}M`;
  const events = [
    ...once.events.filter(({ type }) => type === 'weights'),
    { ...deploy, at: releaseAt },
    ...(account.taskDefinitions ?? []).map(
      ({ family, revision }) =>
        ({ at, type: 'behaviour', taskDefinition: `${family}:${revision}`, behaviour }) as const,
    ),
  ] as Scenario['events'];
  const scenario: Scenario = { ...once, account, events, until: `PT${troubleMinute + minutes}M`, expect: {} };
  return runScenario(scenario, { synthesize, baseDir: dirname(file) });
}

function detect({ account, document, startMs }: FinishedRun, alarm: AlarmDefinition): Detection | undefined {
  const troubleMs = startMs + troubleMinute * 60_000;
  const since = (ms: number): number => (ms - troubleMs) / 1_000;
  const execution = document.executions.find(
    ({ input }) => (input as { trigger?: { alarmName: string } }).trigger?.alarmName === alarm.name,
  );
  const decided = execution?.history.find(
    ({ stateExitedEventDetails: details }) => details?.name === 'Admit',
  )?.timestamp;
  const on = account.cloudwatch.alarms
    .find(({ name }) => name === alarm.name)
    ?.history.findLast(({ HistorySummary: summary }) => summary?.endsWith('to ALARM'))?.Timestamp;
  if (!execution || !decided || !on || on.getTime() < troubleMs) return undefined;
  return {
    alarmSeconds: since(on.getTime()),
    startSeconds: since(Date.parse(execution.startedAt)),
    decisionSeconds: since(new Date(decided).getTime()),
    outcome: summaryOf(execution).outcome ?? execution.status.toLowerCase(),
  };
}
