import type { SimulatedAccount } from '../account.ts';

export interface DeployedResource {
  readonly type: string;
  readonly physicalId: string;
  readonly arn?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface DeployedStack {
  readonly stackName: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly resources: Readonly<Record<string, DeployedResource>>;
  /** Resource types that have no effect in a simulated account, with their number. */
  readonly ignored: Readonly<Record<string, number>>;
}

/**
 * Deploys a synthesized cloud assembly. Waits on the account's clock only: the caller runs the clock until the
 * promise settles.
 */
export async function deployAssembly(_account: SimulatedAccount, _assemblyDir: string): Promise<DeployedStack> {
  throw new Error('not written yet');
}
