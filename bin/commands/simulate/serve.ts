/** `backstep simulate FILE --serve PORT`: the scenario's account on loopback, its events at their times, until Ctrl-C. */
import { dirname, resolve } from 'node:path';
import type { GetParametersByPathResult } from '@aws-sdk/client-ssm';
import { serviceParameter, stateMachineArn } from '../../../lib/domain/names.ts';
import { loadScenario } from '../../../simulator/scenario/parse.ts';
import type { LiveRun } from '../../../simulator/scenario/run.ts';
import { operate } from '../../../simulator/scenario/schedule.ts';
import type { Scenario } from '../../../simulator/scenario/schema.ts';
import { type Arguments, exit, Failure, type Io, UsageError } from '../command.ts';
import { printable } from '../printable.ts';
import { withSeed } from '../seed.ts';
import { summarize } from '../simulate-summary.ts';

export async function serveFile({ positionals, flags }: Arguments, io: Io): Promise<number> {
  if (flags.out !== undefined)
    throw new UsageError('--out writes what a whole run found; it does not go with --serve.');
  const port = number('serve', flags.serve, (value) => Number.isInteger(value) && value >= 0 && value <= 65_535);
  const speed = flags.speed === undefined ? 1 : number('speed', flags.speed, (value) => value > 0 && value <= 100_000);
  const file = resolve(io.cwd, positionals[0] as string);
  const written = withSeed(loadScenario(file), flags.seed);
  const scenario = { ...written, events: written.events.filter((event) => !isAnswer(event)) };
  const [{ prepareScenario }, { collect }, { serve }, { synthesize }] = await Promise.all([
    import('../../../simulator/scenario/run.ts'),
    import('../../../simulator/scenario/collect.ts'),
    import('../../../simulator/server.ts'),
    import('../../synthesize.ts'),
  ]);
  const run = await prepareScenario(scenario, {
    synthesize,
    baseDir: dirname(file),
    onProgress: (message) => io.stderr.write(`${message}\n`),
  });
  const began = performance.now();
  const ended = interruption(io);
  const server = await listening(() => serve(run.account, { port, speed, onFailure: ended.fail }), port);
  io.stderr.write(printable(welcome(run, server.url, speed, written.events.filter(isAnswer))));
  const failure = await ended.happened;
  // A failure of the account is told once, as what ended it.
  await server.stop().catch(() => {});
  if (failure !== undefined) throw failure;
  const document = collect({ ...run, scenario: { ...scenario, expect: {} } });
  io.stdout.write(
    flags.json
      ? `${JSON.stringify(document, null, 2)}\n`
      : printable(summarize(document, performance.now() - began, false)),
  );
  return document.passed ? exit.good : exit.finding;
}

/** Whoever reaches a served account answers its questions: the scenario's people would be faster than they can type. */
const isAnswer = ({ type }: Scenario['events'][number]): boolean => type === 'approve' || type === 'decline';

function number(flag: string, value: string | boolean | undefined, allowed: (value: number) => boolean): number {
  const found = Number(value);
  if (value !== '' && allowed(found)) return found;
  const words = flag === 'serve' ? 'a port, 0 to 65535' : 'a number above 0, at most 100000';
  throw new UsageError(`--${flag}: found "${value}"; allowed: ${words}.`);
}

/** Settles with Ctrl-C, or with what went wrong in the account. */
function interruption(io: Io) {
  let end: (failure: unknown) => void = () => {};
  const happened = new Promise<unknown>((settle) => {
    end = settle;
  });
  const stopListening = io.onInterrupt(() => {
    stopListening();
    end(undefined);
  });
  return { happened, fail: (error: unknown) => end(error ?? new Error('The account failed.')) };
}

async function listening<T>(start: () => Promise<T>, port: number): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EADDRINUSE') throw new Failure(`Port ${port} is in use: choose another, or 0 for a free one.`);
    if (code === 'EACCES') throw new Failure(`Port ${port} may not be opened by this user: choose one above 1023.`);
    throw error;
  }
}

function welcome(run: LiveRun, url: string, speed: number, answers: Scenario['events']): string {
  const { account, environment, scenario } = run;
  const { accessKeyId, secretAccessKey } = account.iam.credentialsFor('operator');
  const machine = stateMachineArn('aws', account.region, account.id, environment);
  return `
The account ${account.id} in ${account.region} is served, ${speed} virtual ${speed === 1 ? 'second' : 'seconds'} to a real one.
It is ${account.clock.iso()} there. In another terminal:

export AWS_ENDPOINT_URL=${url}
export AWS_REGION=${account.region}
export AWS_DEFAULT_REGION=${account.region}
export AWS_ACCESS_KEY_ID=${accessKeyId}
export AWS_SECRET_ACCESS_KEY=${secretAccessKey}

npx backstep status
npx backstep rollback ${serviceOf(run)}
aws ecs list-services --cluster ${scenario.account.services?.[0]?.cluster ?? 'default'}
aws stepfunctions list-executions --state-machine-arn ${machine}

An AWS CLI before 2.13 (1.29) and a boto3 before 1.28 know no AWS_ENDPOINT_URL and would go to AWS itself:
give them --endpoint-url ${url}, or endpoint_url.
${answers.map(({ at, type }) => `The scenario's ${type} at ${at} is left to you: npx backstep ${type}.\n`).join('')}
Ctrl-C ends it with a summary.
`;
}

/** The first that the deployed stack protects. */
function serviceOf({ account, environment }: LiveRun): string {
  const Path = serviceParameter(environment, '').replace(/\/$/, '');
  const { Parameters: [first] = [] } = operate(account.ssm, 'GetParametersByPath', {
    Path,
  }) as GetParametersByPathResult;
  return first?.Name?.slice(Path.length + 1) ?? 'SERVICE';
}
