import type { SimulatedAccount } from '../account.ts';
import type { WireRequest, WireResponse } from './http.ts';

export type { WireRequest, WireResponse } from './http.ts';

export class Wire {
  constructor(_account: SimulatedAccount) {}

  handle(_request: WireRequest): Promise<WireResponse> {
    throw new Error('not written yet');
  }
}
