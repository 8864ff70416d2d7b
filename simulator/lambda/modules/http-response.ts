import { STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import type { WireResponse } from '../../wire/http.ts';
import type { VirtualSocket } from './http-socket.ts';

/** Node's `IncomingMessage`, complete as soon as it arrives. */
export class VirtualResponse extends Readable {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly headers: Record<string, string>;
  readonly rawHeaders: string[];
  readonly trailers = {};
  readonly httpVersion = '1.1';
  readonly complete = true;
  readonly aborted = false;
  readonly socket: VirtualSocket | undefined;

  constructor(answer: WireResponse, socket: VirtualSocket | undefined) {
    super();
    this.statusCode = answer.status;
    this.statusMessage = STATUS_CODES[answer.status] ?? '';
    this.headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    this.rawHeaders = Object.entries(answer.headers).flat();
    this.socket = socket;
    if (answer.body.length > 0) this.push(Buffer.from(answer.body));
    this.push(null);
  }

  override _read(): void {}

  setTimeout(): this {
    return this;
  }
}
