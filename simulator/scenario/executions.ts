import { stateMachineArn } from '../../lib/domain/names.ts';
import type { Execution } from '../services/states.ts';
import type { LiveRun } from './run.ts';

/** The executions of the rollback machine, in the order they were started. What takes up those that broke off is not among them. */
export function rollbacksOf({ account, environment }: Pick<LiveRun, 'account' | 'environment'>): readonly Execution[] {
  const arn = stateMachineArn('aws', account.region, account.id, environment);
  return account.states.executions.filter((execution) => execution.stateMachineArn === arn);
}
