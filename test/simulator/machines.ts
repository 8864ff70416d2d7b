/** State machines for tests, in a simulated account of their own. */
import type { Json } from '../../lib/domain/model.ts';
import type { SimulatedAccount } from '../../simulator/account.ts';
import { operator } from '../../simulator/iam.ts';
import type { Execution } from '../../simulator/services/states.ts';
import { accountId, addRole, newAccount, region } from './account.ts';

export const machineArn = `arn:aws:states:${region}:${accountId}:stateMachine:test`;

export interface MachineOptions {
  readonly account?: SimulatedAccount;
  readonly input?: Json;
  readonly name?: string;
  /** Top-level fields of the definition. */
  readonly machine?: Record<string, Json>;
}

/** Creates a machine that starts at the first of `states`; its role may invoke every function. */
export function addMachine(
  account: SimulatedAccount,
  states: Record<string, Json>,
  machine: Record<string, Json> = {},
) {
  const roleArn = addRole(account, 'machine', [['lambda:InvokeFunction'], ['*']]);
  account.states.createStateMachine({
    arn: machineArn,
    name: 'test',
    roleArn,
    definition: JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: Object.keys(states)[0],
      States: states,
      ...machine,
    }),
  });
}

export function start(account: SimulatedAccount, input: Json = {}, name?: string): Execution {
  const { executionArn } = account.states.startExecution({
    stateMachineArn: machineArn,
    input: JSON.stringify(input),
    principal: operator,
    ...(name === undefined ? {} : { name }),
  });
  return account.states.execution(executionArn);
}

/** Runs the clock until the execution is over, two virtual years at most. */
export async function finish(account: SimulatedAccount, execution: Execution): Promise<Execution> {
  await account.clock.runUntil(account.clock.now() + 2 * 365 * 86_400_000, () => execution.status !== 'RUNNING');
  return execution;
}

/** Runs a workflow to its end. */
export async function run(states: Record<string, Json>, options: MachineOptions = {}): Promise<Execution> {
  const account = options.account ?? newAccount();
  addMachine(account, states, options.machine);
  return finish(account, start(account, options.input, options.name));
}

/** What a single Pass state makes of an output template. */
export async function output(template: Json, input: Json = {}): Promise<Execution> {
  return run({ Only: { Type: 'Pass', Output: template, End: true } }, { input });
}
