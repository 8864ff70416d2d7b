/**
 * An HTTP front on loopback: any SDK or the AWS CLI reaches the simulated account through `AWS_ENDPOINT_URL`.
 *
 * Virtual time follows real time while the server runs, `speed` virtual seconds to a real one, or as fast as it can; every
 * answer tells how fast that is. Requests answer in virtual time too, so that a call's 20 ms pass on the account's clock, not on
 * the wall.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SimulatedAccount } from './account.ts';

export interface ServerOptions {
  /** 0 takes a free one. */
  readonly port?: number;
  /** Virtual seconds per real second; 1 by default. */
  readonly speed?: number;
  /** Told once when something went wrong in the account itself: its clock stands still from then on. */
  readonly onFailure?: (error: unknown) => void;
}

export interface RunningServer {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** Settles when the server has closed; rejects with whatever went wrong in the account meanwhile. */
  stop(): Promise<void>;
}

/** Whoever waits for the account's time has to know how fast it goes by. AWS sends no such header. */
export const speedHeader = 'x-simulated-speed';

/** Real milliseconds between two looks at the wall clock. */
const tickMs = 20;
/** Real milliseconds after which a tick lets requests come to their turn. */
const longestTickMs = 60;
/** The pace is that of the last real milliseconds, and not told as slower than this share of the speed. */
const paceWindowMs = 2_000;
const leastPace = 1 / 8;

/**
 * @example
 * const server = await serve(account, { speed: 60 });
 * // AWS_ENDPOINT_URL=<server.url> AWS_ACCESS_KEY_ID=<credentialsFor('operator').accessKeyId> … aws ecs list-services
 */
export async function serve(account: SimulatedAccount, options: ServerOptions = {}): Promise<RunningServer> {
  const { speed = 1 } = options;
  const time = new Time(account, speed, options.onFailure ?? (() => {}));
  const server = createServer((request, response) => {
    response.setHeader(speedHeader, String(time.pace));
    answer(account, time, request, response).catch((error) => response.destroy(error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  time.start();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await time.stop();
    },
  };
}

/** Where the wall's time and the account's were the same. */
interface Moment {
  readonly realMs: number;
  readonly virtualMs: number;
}

/** Moves the account's clock. Only one run of it may be under way, so all wait in one line. */
class Time {
  readonly #account: SimulatedAccount;
  readonly #speed: number;
  #timer: NodeJS.Timeout | undefined;
  readonly #onFailure: (error: unknown) => void;
  #line: Promise<void> = Promise.resolve();
  #failed = false;
  #ticking = false;
  #began: Moment;
  /** One for each tick, oldest first. */
  #recent: Moment[] = [];

  constructor(account: SimulatedAccount, speed: number, onFailure: (error: unknown) => void) {
    this.#account = account;
    this.#speed = speed;
    this.#onFailure = onFailure;
    this.#began = this.#here();
  }

  start(): void {
    this.#began = this.#here();
    this.#timer = setInterval(() => {
      // One tick at a time: a second one in the line would only keep requests from it.
      if (this.#ticking) return;
      this.#ticking = true;
      this.#enqueue(() => this.#tick());
    }, tickMs);
  }

  /** Follows the wall; what cannot keep the pace falls behind instead of leaving requests to wait. */
  async #tick(): Promise<void> {
    const { clock } = this.#account;
    const startedMs = performance.now();
    const target = this.#began.virtualMs + Math.floor((startedMs - this.#began.realMs) * this.#speed);
    await clock.runUntil(target, () => performance.now() - startedMs > longestTickMs);
    const here = this.#here();
    if (clock.now() < target) this.#began = here;
    this.#recent = [...this.#recent.filter(({ realMs }) => realMs > here.realMs - paceWindowMs), here];
    this.#ticking = false;
  }

  #here(): Moment {
    return { realMs: performance.now(), virtualMs: this.#account.clock.now() };
  }

  /** Virtual seconds to a real one: the speed that was asked for, or what the machine manages of late. */
  get pace(): number {
    const [first] = this.#recent;
    const here = this.#here();
    if (!first || here.realMs - first.realMs < paceWindowMs / 4) return this.#speed;
    const managed = (here.virtualMs - first.virtualMs) / (here.realMs - first.realMs);
    return Math.min(this.#speed, Math.max(this.#speed * leastPace, managed));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#line;
  }

  /** Runs the clock until `promise` settles, ahead of the wall if need be; the wall catches up. */
  through<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    this.#enqueue(async () => {
      while (!settled && (await this.#account.clock.step()));
    });
    // A failure of the clock fails whoever waits for it.
    return this.#line.then(() => promise);
  }

  #fail(error: unknown): void {
    clearInterval(this.#timer);
    if (this.#failed) return;
    this.#failed = true;
    this.#onFailure(error);
  }

  #enqueue(run: () => Promise<void>): void {
    this.#line = this.#line.then(run);
    this.#line.catch((error) => this.#fail(error));
  }
}

async function answer(
  account: SimulatedAccount,
  time: Time,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  const {
    status,
    headers: answered,
    body,
  } = await time.through(
    account.handle({
      method: request.method ?? 'GET',
      hostname: (request.headers.host ?? '127.0.0.1').replace(/:\d+$/, ''),
      path: request.url ?? '/',
      headers: Object.fromEntries(headers),
      body: Buffer.concat(chunks),
    }),
  );
  response.writeHead(status, { 'content-length': body.byteLength, ...answered });
  response.end(body);
}
