import type { SimulatedAccount } from '../account.ts';
import type { AccountSpec } from './spec.ts';

/** Makes everything of `spec` exist at the clock's present time, in a steady state, with metrics of the past. */
export function buildWorld(_account: SimulatedAccount, _spec: AccountSpec): void {
  throw new Error('buildWorld is not built yet');
}
