import { EventEmitter } from 'node:events';
import type { Host } from '../host.ts';

/** A connection that is there at once and silent until the answer, as far as its idle time-out can tell. */
export class VirtualSocket extends EventEmitter {
  readonly connecting = false;
  destroyed = false;
  readonly #host: Host;
  #timer: { cancel(): void } | undefined;

  constructor(host: Host) {
    super();
    this.#host = host;
  }

  setTimeout(ms: number, callback?: () => void): this {
    this.#timer?.cancel();
    if (callback) this.once('timeout', callback);
    this.#timer = ms > 0 ? this.#host.after(ms, () => this.emit('timeout')) : undefined;
    return this;
  }

  /** The exchange is over: nothing can time out any more. */
  end(): void {
    this.#timer?.cancel();
  }

  destroy(): this {
    this.end();
    this.destroyed = true;
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
