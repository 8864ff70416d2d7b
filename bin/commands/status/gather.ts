/** Everything that is known of a service at this moment, read side by side. */

import { abandonedDirectly } from '../../../lib/domain/direct.ts';
import { type DriftNotice, isOpen } from '../../../lib/domain/drift/notice.ts';
import { judgeSwitches, type KillSwitch, type SwitchReading } from '../../../lib/domain/kill-switch.ts';
import type { LockOwner } from '../../../lib/domain/lock.ts';
import type { Release, RollbackRecord, ServiceConfiguration } from '../../../lib/domain/model.ts';
import { alarmName } from '../../../lib/domain/names.ts';
import { abandoned } from '../../../lib/domain/sweep.ts';
import { unitsOf } from '../../../lib/domain/units.ts';
import type { AlarmOn } from '../../aws/alarms.ts';
import type { ServicePointer } from '../../aws/parameters.ts';
import type { Question } from '../../aws/table.ts';
import { executionOf } from '../execution-of.ts';
import { HistoryReader } from '../follow/history.ts';
import type { Session } from '../rollback/execute.ts';

export interface SideStatus {
  readonly side: string;
  /** ARN; null where ECS has no such service, or would not say. */
  readonly taskDefinition: string | null;
  /** Of the ledger; null for a task definition that it does not know. */
  readonly version: string | null;
  readonly status: Release['status'] | null;
  readonly runningCount: number;
  readonly desiredCount: number;
  readonly rolloutState: string;
}

export interface Running {
  readonly rollbackId: string;
  readonly executionArn: string;
  readonly since: string;
  /** Step Functions' word. */
  readonly status: string;
  /** The state of the state machine. */
  readonly state: string | null;
  /** Who carries it out by their own command; null where Step Functions does. */
  readonly direct: { readonly by: string } | null;
}

export interface ServiceStatus {
  readonly service: string;
  readonly production: boolean;
  readonly killSwitch: KillSwitch;
  /** Who holds the lock. */
  readonly running: Running | null;
  /** The sentence about a lock that a dead execution holds. */
  readonly abandoned: string | null;
  readonly question: Question | null;
  readonly alarmsOn: readonly AlarmOn[];
  /** Companions last. */
  readonly sides: readonly SideStatus[];
  readonly lastRollback: RollbackRecord | null;
  /** A pipeline that deploys now may bring back what was rolled back. */
  readonly drift: DriftNotice | null;
  /** What could not be read, with the reason. */
  readonly problems: readonly string[];
}

export interface Switches {
  readonly whole: SwitchReading | undefined;
  readonly services: ReadonlyMap<string, SwitchReading>;
}

/** In a storm every alarm of an incident leaves a record. */
const recent = 20;

export async function statusOf(session: Session, pointer: ServicePointer, switches: Switches): Promise<ServiceStatus> {
  const { account, installation } = session;
  const { service, production } = pointer;
  const { table, bucket, environment } = installation;
  const problems: string[] = [];
  /** What a person may not read, or what is down in an incident, must not hide the rest. */
  const attempt = <T>(what: string, reading: Promise<T>, otherwise: T): Promise<T> =>
    reading.catch((error: unknown) => {
      problems.push(`${what} cannot be read: ${error instanceof Error ? `${error.name}: ${error.message}` : error}`);
      return otherwise;
    });
  const [configuration, owner, question, releases, rollbacks, drift] = await Promise.all([
    attempt<ServiceConfiguration | undefined>(
      'The configuration',
      account.documents.configuration(bucket, pointer.configurationKey),
      undefined,
    ),
    account.table.lockOwner(table, service),
    account.table.question(table, service),
    account.table.releases(table, service),
    account.table.rollbacks(table, service, recent),
    account.table.drift(table, service),
  ]);
  const adopted = (configuration?.adoptedAlarms ?? []).map(({ name }) => name);
  const [alarmsOn, sides, held, asks] = await Promise.all([
    attempt('Alarms', account.alarms.on(`${alarmName(environment, service)}/`, adopted), []),
    attempt('ECS', account.services.running(configuration ? unitsOf(configuration) : []), []),
    owner ? heldBy(session, owner) : { running: null, abandoned: null },
    question && !question.answer ? executionOf(session, question.executionArn) : undefined,
  ]);
  return {
    service,
    production,
    killSwitch: judgeSwitches(switches.whole, switches.services.get(service)),
    ...held,
    question: asks?.status === 'RUNNING' && question ? question : null,
    alarmsOn,
    sides: sides.map(({ taskDefinition, ...counts }) => {
      const release = releases.find((one) => one.side === counts.side && one.taskDefinition === taskDefinition);
      return {
        ...counts,
        taskDefinition: taskDefinition ?? null,
        version: release ? (release.registeredVersion ?? release.version) : null,
        status: release?.status ?? null,
      };
    }),
    // What joined another, or only planned, is no rollback of its own.
    lastRollback: rollbacks.find(({ outcome }) => outcome !== 'duplicate' && outcome !== 'ready') ?? null,
    drift: drift && isOpen(drift, account.clock.now()) ? drift : null,
    problems,
  };
}

async function heldBy(session: Session, owner: LockOwner): Promise<Pick<ServiceStatus, 'running' | 'abandoned'>> {
  const { account } = session;
  const execution = await executionOf(session, owner.executionArn);
  const status = execution?.status ?? 'UNKNOWN';
  const reader = new HistoryReader(owner.executionArn);
  if (status === 'RUNNING' && !execution?.direct)
    for (const event of await account.executions.eventsAfter(owner.executionArn, 0)) reader.read(event);
  const now = new Date(account.clock.now()).toISOString();
  const { stoppedAt } = execution ?? {};
  const ended = { status, ...(stoppedAt && { stoppedAt }) };
  return {
    running: {
      rollbackId: owner.rollbackId,
      executionArn: owner.executionArn,
      since: owner.acquiredAt,
      status,
      state: execution?.direct?.state ?? reader.standing?.state ?? null,
      direct: execution?.direct ? { by: execution.direct.by } : null,
    },
    abandoned: abandonedDirectly(owner, ended) ?? abandoned({ token: 1, owner }, ended, now) ?? null,
  };
}
