/**
 * Everything that the doctor looks at, whoever asks: the command with a person's permissions, a Lambda with its role. What
 * cannot be read hides nothing else. The only adapter that the command may import.
 *
 * Calls: those of Plan that read, and cloudwatch:DescribeAlarms, states:ListExecutions, ssm:GetParameters, dynamodb:Query
 */
import { type DoctorFacts, lookBackDays, type Reading } from '../../lib/domain/doctor.ts';
import type { Installation } from '../../lib/domain/installation.ts';
import type { RollbackContext, ServiceConfiguration } from '../../lib/domain/model.ts';
import { operationsAlarmName } from '../../lib/domain/names.ts';
import type { PlanFacts } from '../../lib/domain/plan-facts.ts';
import { alarmStates } from './alarm-states.ts';
import { brokenExecutions } from './broken-executions.ts';
import { nowMs } from './clock.ts';
import { provide, setting } from './environment.ts';
import { readKillSwitch } from './kill-switch.ts';
import { listRollbacks } from './ledger.ts';
import { readFactsOf } from './plan-facts.ts';

/** For a process that no stack has started: from now on the adapters work on this installation. */
export function workOn({ environment, table, bucket, stateMachineArn }: Installation): void {
  provide({ ENVIRONMENT: environment, TABLE: table, BUCKET: bucket, STATE_MACHINE_ARN: stateMachineArn });
}

/** @param now ISO 8601; by default that of this process */
export async function readReadiness(
  configuration: ServiceConfiguration,
  service: string,
  now = new Date(nowMs()).toISOString(),
): Promise<DoctorFacts> {
  const { environment } = configuration;
  const since = new Date(Date.parse(now) - lookBackDays * 86_400_000).toISOString();
  const expected = alarmNames(configuration);
  const [plan, alarms, operations, executions, rollbacks, killSwitch] = await Promise.all([
    reading(readPlanFacts(configuration, service, now)),
    reading(alarmStates({ names: expected }).then((found) => ({ expected, found }))),
    reading(alarmStates({ prefix: `${operationsAlarmName(environment)}/` })),
    reading(brokenExecutions(setting('STATE_MACHINE_ARN'), since)),
    reading(listRollbacks(service, since)),
    readKillSwitch(environment, service),
  ]);
  return { now, service, plan, alarms, operations, executions, rollbacks, killSwitch };
}

/** As for a rollback to `previous` that a person starts without the phrase: nothing of it is ever carried out. */
async function readPlanFacts(configuration: ServiceConfiguration, service: string, now: string): Promise<PlanFacts> {
  const context: RollbackContext = {
    rollbackId: `${service}-doctor`,
    service,
    environment: configuration.environment,
    executionArn: '',
    startedAt: now,
    configurationKey: '',
    configurationSha256: '',
    request: {
      service,
      version: 'previous',
      strategy: 'auto',
      scope: 'app',
      backup: true,
      dryRun: true,
      reason: '',
      confirmed: false,
    },
  };
  return (await readFactsOf(configuration, context, now)).facts;
}

const alarmNames = ({ triggers, adoptedAlarms = [] }: ServiceConfiguration): string[] => [
  ...new Set([...triggers.flatMap(({ alarms }) => alarms), ...adoptedAlarms].map(({ name }) => name)),
];

async function reading<T>(value: Promise<T>): Promise<Reading<T>> {
  try {
    return { value: await value };
  } catch (error) {
    return { problem: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
