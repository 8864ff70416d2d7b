/**
 * The stack of an example, deployed into a simulated account with the example's world: single Lambdas are invoked with
 * documents that a test wrote, and call AWS under the roles that the stack gives them.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { synthesize } from '../../bin/synthesize.ts';
import type { FunctionName } from '../../lib/constructs/function-names.ts';
import type {
  Action,
  Plan,
  RevertServiceAction,
  RollbackContext,
  ServiceConfiguration,
  TimelineEntry,
} from '../../lib/domain/model.ts';
import { checkpointKey, planKey } from '../../lib/domain/names.ts';
import type { ActionInput } from '../../lib/domain/states.ts';
import { SimulatedAccount } from '../../simulator/account.ts';
import { type DeployedStack, deployAssembly } from '../../simulator/assembly/deploy.ts';
import { loadScenario } from '../../simulator/scenario/parse.ts';
import { clientConfig, drive } from '../../simulator/sdk.ts';
import type { BusEvent } from '../../simulator/services/events.ts';
import { type AccountSpec, buildWorld } from '../../simulator/world/spec.ts';

const root = join(import.meta.dirname, '../..');
export const examples = {
  oneSide: join(root, 'examples/01-checkout'),
  twoSides: join(root, 'examples/02-two-sides'),
} as const;

export const executionArn = 'arn:aws:states:eu-west-1:111122223333:execution:backstep-production-rollback:e1';
export const rollbackId = 'checkout-20261120-030405-1f2e3d';

export class Deployed {
  readonly account: SimulatedAccount;
  readonly bucket: string;
  readonly table: string;
  readonly configuration: ServiceConfiguration;
  readonly context: RollbackContext;
  readonly #stack: DeployedStack;
  readonly #dynamodb: DynamoDBClient;

  private constructor(account: SimulatedAccount, stack: DeployedStack) {
    this.account = account;
    this.#stack = stack;
    this.#dynamodb = new DynamoDBClient(clientConfig(account));
    this.bucket = this.#only('AWS::S3::Bucket');
    this.table = this.#only('AWS::DynamoDB::Table');
    const [stored] = account.s3.list(this.bucket, 'configuration/checkout/');
    if (!stored) throw new Error('The stack stored no configuration.');
    const body = this.read(stored.key);
    this.configuration = JSON.parse(body);
    this.context = {
      rollbackId,
      service: 'checkout',
      environment: 'production',
      executionArn,
      startedAt: account.clock.iso(),
      configurationKey: stored.key,
      configurationSha256: sha256(body),
      fencingToken: 1,
      request: {
        service: 'checkout',
        version: 'previous',
        strategy: 'auto',
        scope: 'app',
        backup: true,
        dryRun: false,
        reason: 'a test',
        confirmed: true,
      },
    };
  }

  /** @param change what of the example's service and account is different */
  static async from(
    directory: string,
    change: { readonly service?: object; readonly account?: Partial<AccountSpec> } = {},
  ): Promise<Deployed> {
    const config = JSON.parse(readFileSync(join(directory, 'backstep.json'), 'utf8'));
    Object.assign(config.environments.production.services.checkout, change.service);
    const { assemblyDir, stacks } = await synthesize(config, { baseDir: directory });
    const [chosen] = stacks;
    if (!chosen) throw new Error('The example has a stack.');
    const account = new SimulatedAccount({
      account: '111122223333',
      region: 'eu-west-1',
      startMs: Date.UTC(2026, 10, 20, 3),
      seed: 1,
    });
    buildWorld(account, { ...loadScenario(join(directory, 'scenario.json')).account, ...change.account });
    const stack = await drive(account, deployAssembly(account, assemblyDir, chosen.name));
    const deployed = new Deployed(account, stack);
    // The execution that these tests speak for does not exist, so Sweep would report its lock as abandoned: its rule is silent.
    account.faults.push((point) =>
      point.kind === 'event' && /Sweeping/.test((point.event as BusEvent).resources[0] ?? '')
        ? { deliveries: 0 }
        : undefined,
    );
    await deployed.lock(executionArn);
    return deployed;
  }

  /** The Lambda's answer; throws what it failed with, as Step Functions would see it. */
  async invoke<T>(name: FunctionName, payload: unknown): Promise<T> {
    const arn = this.arnOf(name);
    const result = await drive(this.account, this.account.lambda.invoke(arn, payload));
    if (result.functionError) {
      const { errorType, errorMessage } = result.payload as { errorType: string; errorMessage: string };
      throw Object.assign(new Error(errorMessage), { name: errorType });
    }
    return result.payload as T;
  }

  /** What the state machine would pass to an action's states, for a plan with this one action. */
  actionInput(action: Action, seconds = 300): ActionInput {
    const plan = this.storePlan([action]);
    return {
      now: this.account.clock.iso(),
      context: this.context,
      ...plan,
      actionId: action.id,
      deadline: new Date(this.account.clock.now() + seconds * 1000).toISOString(),
      appliedAt: null,
    };
  }

  storePlan(actions: readonly Action[], changes: Partial<Plan> = {}): { planKey: string; planSha256: string } {
    const plan: Plan = {
      rollbackId,
      service: 'checkout',
      environment: 'production',
      createdAt: this.account.clock.iso(),
      current: this.configuration.sides.map(({ name }) => ({
        side: name,
        taskDefinition: this.definition(42),
        version: 'v2.14.4',
        deploymentStartedAt: this.account.clock.iso(),
        desiredCount: 3,
        runningCount: 3,
        healthyTargets: 3,
        controller: 'ECS',
        rolloutState: 'COMPLETED',
      })),
      targetReason: 'It is the newest good release.',
      strategy: 'auto',
      strategyReason: 'The default.',
      checks: [],
      actions,
      timeoutSeconds: 300,
      timeoutReason: 'The default.',
      outcome: null,
      reason: 'A plan of a test.',
      ...changes,
    };
    const body = JSON.stringify(plan);
    this.account.s3.put(this.bucket, planKey(rollbackId), body);
    return { planKey: planKey(rollbackId), planSha256: sha256(body) };
  }

  /** A checkpoint with a task environment in it, which must go nowhere. */
  storeCheckpoint(): string {
    const document = { containerDefinitions: [{ environment: [{ name: 'PASSWORD', value: 'hunter2' }] }] };
    const checkpoint = { rollbackId, takenAt: this.account.clock.iso(), sides: [], rules: [], documents: { document } };
    this.account.s3.put(this.bucket, checkpointKey(rollbackId), JSON.stringify(checkpoint));
    return checkpointKey(rollbackId);
  }

  /** Writes the service's lock as Admit would. */
  async lock(owner: string, token = 1): Promise<void> {
    const item = {
      pk: 'SERVICE#checkout',
      sk: 'LOCK',
      token,
      owner: { executionArn: owner, rollbackId, acquiredAt: this.account.clock.iso() },
    };
    await drive(this.account, this.#dynamodb.send(new PutItemCommand({ TableName: this.table, Item: marshall(item) })));
  }

  /** Writes an item of the table, replacing the one with its keys. */
  async put(item: Record<string, unknown>): Promise<void> {
    await drive(this.account, this.#dynamodb.send(new PutItemCommand({ TableName: this.table, Item: marshall(item) })));
  }

  async forget(sk: string): Promise<void> {
    const Key = marshall({ pk: 'SERVICE#checkout', sk });
    await drive(this.account, this.#dynamodb.send(new DeleteItemCommand({ TableName: this.table, Key })));
  }

  /** Items of the service whose sort key starts with `prefix`. */
  async items<T>(prefix: string): Promise<T[]> {
    const { Items = [] } = await drive(
      this.account,
      this.#dynamodb.send(
        new QueryCommand({
          TableName: this.table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
          ExpressionAttributeValues: marshall({ ':pk': 'SERVICE#checkout', ':sk': prefix }),
        }),
      ),
    );
    return Items.map((item) => unmarshall(item) as T);
  }

  async timeline(): Promise<string[]> {
    return (await this.items<TimelineEntry>(`TIMELINE#${rollbackId}`)).map(({ kind }) => kind);
  }

  read(key: string): string {
    const object = this.account.s3.get(this.bucket, key);
    if (!object) throw new Error(`There is no ${key}.`);
    return Buffer.from(object.body).toString('utf8');
  }

  wait(seconds: number): Promise<void> {
    return this.account.clock.runUntil(this.account.clock.now() + seconds * 1000);
  }

  /** How often `operation` was called since the account began. */
  calls(operation: string): number {
    return this.account.calls.filter((call) => call.operation === operation).length;
  }

  /** Puts the side back from 42 on 41. */
  revert(): RevertServiceAction {
    return {
      id: '1',
      type: 'RevertService',
      by: 'update-service',
      side: 'main',
      description: 'Put main on checkout:41.',
      reason: 'A test.',
      forward: { taskDefinition: this.definition(41) },
      reverse: { taskDefinition: this.definition(42) },
    };
  }

  definition(revision: number): string {
    return this.account.arn('ecs', `task-definition/checkout:${revision}`);
  }

  arnOf(name: FunctionName): string {
    const found = Object.entries(this.#stack.resources).find(
      ([id, { type }]) => type === 'AWS::Lambda::Function' && id.includes(`Functions${name}Function`),
    );
    if (!found) throw new Error(`The stack has no function ${name}.`);
    return this.account.arn('lambda', `function:${found[1].physicalId}`);
  }

  roleOf(name: FunctionName): string {
    const found = Object.entries(this.#stack.resources).find(
      ([id, { type }]) => type === 'AWS::IAM::Role' && id.includes(`Functions${name}Role`),
    );
    return this.account.arn('iam', `role/${found?.[1].physicalId}`).replace(`:${this.account.region}:`, '::');
  }

  #only(type: string): string {
    const [found, ...others] = Object.values(this.#stack.resources).filter((resource) => resource.type === type);
    if (!found || others.length > 0) throw new Error(`The stack has ${others.length + 1} of ${type}.`);
    return found.physicalId;
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
