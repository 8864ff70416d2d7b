import { diagnose, type Finding, worst } from '../../../lib/domain/doctor.ts';
import type { ServicePointer } from '../../aws/parameters.ts';
import { type Arguments, exit, type Io } from '../command.ts';
import { findService } from '../installed.ts';
import type { Session } from '../rollback/execute.ts';
import { openSession } from '../rollback/run.ts';
import { findingLines } from './view.ts';

interface Examined {
  readonly service: string;
  readonly verdict: 'good' | 'findings' | 'could not roll back now';
  readonly findings: readonly Finding[];
}

const verdicts = ['good', 'findings', 'could not roll back now'] as const;

export async function examine({ positionals, flags }: Arguments, io: Io): Promise<number> {
  const session = await openSession(flags, io);
  const { account, installation, screen, json } = session;
  // Loaded late: it brings the clients of a dozen services.
  const { readReadiness, workOn } = await import('../../../lambdas/aws/readiness.ts');
  workOn(installation);
  const services =
    positionals[0] === undefined
      ? await account.parameters.services(installation.environment)
      : [await findService(account, installation, positionals[0], { json, io })];
  const uninvocable = await whatMayNotBeInvoked(session);
  const all: Examined[] = [];
  // One after the other: each reads as much as a plan does.
  for (const pointer of services) all.push(await examineOne(session, pointer, uninvocable, readReadiness));
  const { environment } = installation;
  if (json) {
    const time = new Date(account.clock.now()).toISOString();
    io.stdout.write(`${JSON.stringify({ environment, time, services: all }, null, 2)}\n`);
  } else {
    for (const { service, verdict, findings } of all)
      screen.lines([...findingLines(service, verdict, findings, screen.style), '']);
  }
  return Math.max(exit.good, ...all.map(({ findings }) => worst(findings)));
}

async function examineOne(
  { account, installation }: Session,
  { service, configurationKey }: ServicePointer,
  uninvocable: Refused,
  readReadiness: typeof import('../../../lambdas/aws/readiness.ts')['readReadiness'],
): Promise<Examined> {
  const configuration = await account.documents.configuration(installation.bucket, configurationKey);
  const facts = await readReadiness(configuration, service, new Date(account.clock.now()).toISOString());
  const findings = diagnose({ ...facts, uninvocable });
  return { service, verdict: verdicts[worst(findings)], findings };
}

type Refused = readonly { readonly name: string; readonly problem: string }[];

/** For `rollback --direct`: Lambda tells whether one may invoke a function, without running it. */
async function whatMayNotBeInvoked({ account, installation }: Session): Promise<Refused> {
  const refused: { name: string; problem: string }[] = [];
  for (const [name, arn] of Object.entries(installation.functions)) {
    await account.functions.mayInvoke(arn).catch((error: Error) => {
      refused.push({ name, problem: `${error.name}: ${error.message}` });
    });
  }
  return refused;
}
