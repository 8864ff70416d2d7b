/** The account of an example, served on loopback: the commands reach it as they reach AWS, with real SDK clients. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { main } from '../../bin/cli.ts';
import { synthesize } from '../../bin/synthesize.ts';
import { milliseconds } from '../../simulator/scenario/duration.ts';
import { loadScenario } from '../../simulator/scenario/parse.ts';
import { type LiveRun, prepareScenario } from '../../simulator/scenario/run.ts';
import { type RunningServer, serve } from '../../simulator/server.ts';
import { type Recorded, recorded } from './io.ts';

export interface Ended extends Recorded {
  readonly code: number;
}

export interface UnderWay extends Recorded {
  readonly ended: Promise<Ended>;
}

export interface Typing {
  readonly tty?: boolean;
  /** ARN of the role that the command has. */
  readonly as?: string;
}

/** Virtual seconds to a real one: half an hour of bake takes a second or two. */
export const fast = 1_500;
/** A person can still type, and a rollback is still under way when the next command looks. */
export const slower = 250;

export class Served {
  readonly run: LiveRun;
  readonly #server: RunningServer;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(run: LiveRun, server: RunningServer) {
    this.run = run;
    this.#server = server;
    const { accessKeyId, secretAccessKey } = run.account.iam.credentialsFor('operator');
    this.#environment = {
      AWS_ENDPOINT_URL: server.url,
      AWS_REGION: run.account.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
  }

  /** @param at how far the account has come when it is first reached, e.g. `PT5M`: after the bad release, before its alarm */
  static async from(file: string, at: string, speed = fast): Promise<Served> {
    const run = await prepareScenario(loadScenario(file), { synthesize, baseDir: dirname(file) });
    await run.account.clock.runUntil(run.startMs + milliseconds(at));
    return new Served(run, await serve(run.account, { speed }));
  }

  stop(): Promise<void> {
    forget();
    return this.#server.stop();
  }

  /** @param role its ARN; the operator's keys without one */
  environment(role?: string): Record<string, string> {
    const own = { ...this.#environment, AWS_CONFIG_FILE: nowhere, AWS_SHARED_CREDENTIALS_FILE: nowhere };
    if (role === undefined) return own;
    const { accessKeyId, secretAccessKey, sessionToken } = this.run.account.iam.credentialsFor(role, 'ann');
    return {
      ...own,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    };
  }

  /** Runs a command line to its end. */
  command(words: readonly string[], options: Typing = {}): Promise<Ended> {
    return this.begin(words, options).ended;
  }

  /** Begins a command line, to type into or to interrupt. */
  begin(words: readonly string[], { as, ...options }: Typing = {}): UnderWay {
    forget();
    const env = this.environment(as);
    Object.assign(process.env, env);
    const io = recorded({ ...options, env: { ...env, NO_COLOR: '1' } });
    return { ...io, ended: main(words, io.io).then((code) => ({ ...io, code })) };
  }

  /** How often an ECS service was changed by Backstep. */
  updates(): number {
    return this.run.account.calls.filter(
      ({ operation, principal }) => operation === 'UpdateService' && principal !== 'operator',
    ).length;
  }

  /** As a person does in the console. */
  stopNewest(): void {
    this.#rollbacks.at(-1)?.abort('Stopped', 'by a person');
  }

  /** Status of the executions so far, oldest first. */
  get executions(): readonly string[] {
    return this.#rollbacks.map(({ status }) => status);
  }

  get #rollbacks() {
    return this.run.account.states.executions.filter(({ stateMachineArn }) => stateMachineArn.endsWith('-rollback'));
  }
}

/** A copy of an example with the texts of its scenario and its configuration changed. */
export function changed(
  file: string,
  scenario: (text: string) => string,
  configuration: (text: string) => string = (text) => text,
): string {
  const directory = mkdtempSync(join(tmpdir(), 'backstep-served-'));
  cpSync(dirname(file), directory, { recursive: true });
  const rewrite = (name: string, change: (text: string) => string): void =>
    writeFileSync(
      join(directory, name),
      change(JSON.stringify(JSON.parse(readFileSync(join(directory, name), 'utf8')))),
    );
  rewrite('scenario.json', scenario);
  rewrite('backstep.json', configuration);
  return join(directory, 'scenario.json');
}

export const nowhere = join(import.meta.dirname, 'no-such-file');

/** Whoever runs the tests may have an account of their own: nothing here may reach it. */
export function forget(): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
}

/** Waits, in real time, until a command has said something. */
export async function until(said: () => string, part: string): Promise<void> {
  const began = Date.now();
  while (!said().includes(part)) {
    if (Date.now() - began > 25_000) throw new Error(`"${part}" was not said. Said was:\n${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
