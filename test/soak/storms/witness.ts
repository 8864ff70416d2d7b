/** Stands beside every change at the moment it takes effect, and asks the lock in the table who may make it. */
import { isProved, type LockState } from '../../../lib/domain/lock.ts';
import type { RollbackContext } from '../../../lib/domain/model.ts';
import { operator } from '../../../simulator/iam.ts';
import type { LiveRun } from '../../../simulator/scenario/run.ts';
import type { CallContext, Operation } from '../../../simulator/service.ts';

/** Lambdas that change the protected service. */
const changers = /Functions(?:RevertService|ShiftTraffic)/;

export class Witness {
  readonly wrong: string[] = [];
  changes = 0;
  /** The largest token seen at a change: above 1 a lock was taken again or taken over. */
  largestToken = 0;
  readonly #run: LiveRun;
  readonly #atWork: RollbackContext[] = [];

  /** @param atWork called when a Lambda that changes something begins, with its rollback */
  constructor(run: LiveRun, atWork: (context: RollbackContext) => void) {
    this.#run = run;
    const { lambda, ecs, elbv2 } = run.account;
    const invoke = lambda.invoke.bind(lambda);
    lambda.invoke = async (arn, payload) => {
      const context = changers.test(arn) ? (payload as { context: RollbackContext }).context : undefined;
      if (context) {
        this.#atWork.push(context);
        atWork(context);
      }
      try {
        return await invoke(arn, payload);
      } finally {
        if (context) this.#atWork.splice(this.#atWork.indexOf(context), 1);
      }
    };
    this.#stand(ecs.operations, 'UpdateService');
    this.#stand(elbv2.operations, 'ModifyRule');
  }

  #stand(operations: Readonly<Record<string, Operation>>, name: string): void {
    const operation = operations[name];
    if (!operation) throw new Error(`There is no operation ${name}.`);
    const run = operation.run.bind(operation);
    operation.run = (input: unknown, context: CallContext) => {
      if (context.principal.arn !== operator.arn) this.#look(name);
      return run(input, context);
    };
  }

  #look(operation: string): void {
    this.changes += 1;
    const lock = this.lock();
    this.largestToken = Math.max(this.largestToken, lock?.token ?? 0);
    const at = this.#run.account.clock.iso();
    if (this.#atWork.length === 0) this.wrong.push(`${at} ${operation} by nobody that is at work`);
    for (const { executionArn, fencingToken } of this.#atWork) {
      const claim = { executionArn, ...(fencingToken !== undefined && { fencingToken }) };
      if (!isProved(lock, claim))
        this.wrong.push(
          `${at} ${operation} while ${executionArn} is at work with token ${fencingToken}, and the lock is ${JSON.stringify(lock)}`,
        );
    }
  }

  lock(): LockState | undefined {
    const { account, stack } = this.#run;
    const tables = Object.values(stack.resources).filter(({ type }) => type === 'AWS::DynamoDB::Table');
    const item = tables
      .flatMap(({ physicalId }) => account.dynamodb.items(physicalId))
      .find(({ sk }) => sk?.S === 'LOCK');
    if (!item) return undefined;
    const owner = item.owner?.M;
    return {
      token: Number(item.token?.N),
      ...(owner && {
        owner: {
          executionArn: owner.executionArn?.S ?? '',
          rollbackId: owner.rollbackId?.S ?? '',
          acquiredAt: owner.acquiredAt?.S ?? '',
        },
      }),
    };
  }
}
