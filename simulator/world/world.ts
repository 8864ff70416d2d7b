import type { SimulatedAccount } from '../account.ts';
import { CustomSeries } from './series.ts';
import { Traffic } from './traffic.ts';

/** What moves in an account beside AWS itself: clients and publishers of custom metrics. */
export interface World {
  readonly traffic: Traffic;
  readonly series: CustomSeries;
}

const worlds = new WeakMap<SimulatedAccount, World>();

export function createWorld(account: SimulatedAccount, historyFromMs: number): World {
  if (worlds.has(account)) throw new Error('the account has a world already');
  const world: World = { traffic: new Traffic(account, historyFromMs), series: new CustomSeries(account) };
  account.elbv2.beforeChange.push(() => world.traffic.settle());
  worlds.set(account, world);
  return world;
}

export function worldOf(account: SimulatedAccount): World {
  const world = worlds.get(account);
  if (!world) throw new Error('buildWorld has not been called for this account');
  return world;
}
