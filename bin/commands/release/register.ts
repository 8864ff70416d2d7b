import type { Release, ServiceConfiguration, Side } from '../../../lib/domain/model.ts';
import type { Registration, ToldFacts } from '../../../lib/domain/registration.ts';
import { called, isCompanion, unitsOf } from '../../../lib/domain/units.ts';
import { type Arguments, exit, type Io, UsageError } from '../command.ts';
import { findService } from '../installed.ts';
import { openSession } from '../rollback/run.ts';
import { readStandings } from '../standings.ts';
import { shortArn, wrap } from '../story/text.ts';
import { toldFacts } from './told.ts';
import { factLines } from './view.ts';

export async function register({ positionals, flags }: Arguments, io: Io): Promise<number> {
  const told = toldFacts(flags);
  const deploymentId = deploymentOf(flags.deployment);
  const session = await openSession(flags, io);
  const { account, installation, screen, json } = session;
  const { table, bucket, environment } = installation;
  const pointer = await findService(account, installation, positionals[0], { json, io });
  const { service } = pointer;
  const configuration = await account.documents.configuration(bucket, pointer.configurationKey);
  const unit = unitOf(configuration, flags.side);
  const given = flags['task-definition'];
  const taskDefinition =
    given === undefined
      ? (await account.services.running([unit]))[0]?.taskDefinition
      : taskDefinitionOf(String(given), configuration, installation.stateMachineArn);
  if (taskDefinition === undefined)
    throw new UsageError(
      `ECS has no service ${unit.service} in ${unit.cluster}: name the task definition with --task-definition.`,
    );
  const { releases } = await account.table.ledger(table, service);
  const known = releases.find((one) => one.side === unit.name && one.taskDefinition === taskDefinition);
  if (given === undefined && known) refuseAnother(known, told);
  const by = await account.identity.arn();
  const registeredAt = new Date(account.clock.now()).toISOString();
  const registration: Registration = {
    side: unit.name,
    taskDefinition,
    ...(deploymentId !== undefined && { deploymentId }),
    registeredAt,
    by,
    ...told,
  };
  const registered = await account.releaseNotes.register(table, service, registration);
  const { shown } = await readStandings(session, pointer);
  const recorded = shown.find(
    (release) =>
      release.side === unit.name &&
      release.taskDefinition === taskDefinition &&
      (deploymentId === undefined || release.deploymentId === deploymentId),
  );
  screen.lines([
    `Registered ${shortArn(taskDefinition)} of ${called(unit)} (${service}, ${environment}):`,
    ...factLines({ ...registered, ...(registered.version !== undefined && { registeredVersion: registered.version }) }),
    ...wrap(
      recorded
        ? `In the ledger since ${recorded.deployedAt.slice(0, 16).replace('T', ' ')} UTC: ${recorded.standing}, ${recorded.evidence}.`
        : 'Not in the ledger yet: its deployment is recorded once it completes.',
      0,
    ),
  ]);
  if (json) {
    const document = { service, environment, registered, recorded: recorded ?? null };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
  return exit.good;
}

/** What a service is on is an older release, where the deployment of the newer one failed or has not begun. */
function refuseAnother({ registeredVersion, commit, taskDefinition }: Release, told: ToldFacts): void {
  const version = registeredVersion !== undefined && told.version !== undefined && told.version !== registeredVersion;
  // Either may be shortened.
  const built = commit !== undefined && told.commit !== undefined && !isOf(commit, told.commit);
  if (!version && !built) return;
  const is = [registeredVersion, commit && `commit ${commit}`].filter(Boolean).join(', ');
  const name = shortArn(taskDefinition);
  throw new UsageError(
    `The service is on ${name}, which is known as ${is}: is another release meant? Name its task definition with ` +
      `--task-definition; to correct what was told of this one, --task-definition ${name}.`,
  );
}

const isOf = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);

/** The only side, where none is named: companions have releases of their own, and have to be named. */
export function unitOf(configuration: ServiceConfiguration, name: unknown): Side {
  const units = unitsOf(configuration);
  const sides = units.filter((unit) => !isCompanion(unit));
  const [only, ...others] = sides;
  if (name === undefined && only && others.length === 0) return only;
  const names = units.map((unit) => unit.name).join(', ');
  if (name === undefined)
    throw new UsageError(`Which side? Say it with --side. ${configuration.service} has: ${names}.`);
  const found = units.find((unit) => unit.name === name);
  if (found) return found;
  throw new UsageError(`--side: found "${name}"; allowed: ${names}.`);
}

/** @param like an ARN of the installation, for the partition */
function taskDefinitionOf(text: string, { account, region }: ServiceConfiguration, like: string): string {
  if (/^arn:[\w-]+:ecs:[\w-]+:\d{12}:task-definition\/[\w-]+:[1-9]\d*$/.test(text)) return text;
  if (/^[\w-]+:[1-9]\d*$/.test(text))
    return `arn:${like.split(':')[1]}:ecs:${region}:${account}:task-definition/${text}`;
  throw new UsageError(
    `--task-definition: found "${text}"; allowed: an ARN of a revision, or family:revision such as checkout:43.`,
  );
}

function deploymentOf(found: unknown): string | undefined {
  if (found === undefined) return undefined;
  if (typeof found === 'string' && /^ecs-svc\/\d+$/.test(found)) return found;
  throw new UsageError(
    `--deployment: found "${found}"; allowed: the id of a deployment, such as ecs-svc/1234567890123456789.`,
  );
}
