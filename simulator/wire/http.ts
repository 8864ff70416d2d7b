/** One HTTP exchange with the simulated account, free of any HTTP library. */

export interface WireRequest {
  readonly method: string;
  /** Without port: `ecs.eu-west-1.amazonaws.com`, `bucket.s3.eu-west-1.amazonaws.com`, `127.0.0.1`. */
  readonly hostname: string;
  /** As sent, query string included: `/`, `/key?list-type=2`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | undefined;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
