import type { Json } from '../../lib/domain/model.ts';
import type { SimulatedAccount } from '../account.ts';
import { Assets } from './assets.ts';
import { type Created, Creation, Shared, type StackIdentity } from './creation.ts';
import { holds, resolve, type Scope } from './intrinsics.ts';
import { readAssembly, type SynthesizedStack } from './manifest.ts';
import { creationOrder } from './order.ts';
import { parameterValues } from './parameters.ts';
import { createResource } from './resources/table.ts';
import { DeploymentFailed, type TemplateResource } from './template.ts';

export interface DeployedResource {
  readonly type: string;
  readonly physicalId: string;
  readonly arn?: string;
  readonly attributes: Readonly<Record<string, Json>>;
}

export interface DeployedStack {
  readonly stackName: string;
  readonly stackId: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly resources: Readonly<Record<string, DeployedResource>>;
  /** Resource types that make no difference in a simulated account, with their number. */
  readonly ignored: Readonly<Record<string, number>>;
}

/**
 * Deploys a stack of a synthesized cloud assembly. Waits on the account's clock only: the caller runs the clock until
 * the promise settles. Resources other than custom ones take no time.
 *
 * @param stackName needed when the assembly has several stacks for this account and region
 * @throws DeploymentFailed naming stack, resource and reason
 */
export async function deployAssembly(
  account: SimulatedAccount,
  assemblyDir: string,
  stackName?: string,
): Promise<DeployedStack> {
  const { stacks, assets } = readAssembly(assemblyDir);
  const stack = chooseStack(stacks, account, stackName);
  const published = new Assets(account);
  published.publish(assets);
  return new Deployment(account, stack, published).run();
}

function chooseStack(
  stacks: readonly SynthesizedStack[],
  account: SimulatedAccount,
  stackName: string | undefined,
): SynthesizedStack {
  const here = [`aws://${account.id}/${account.region}`, 'aws://unknown-account/unknown-region'];
  const fitting = stacks.filter((stack) =>
    stackName === undefined ? here.includes(stack.environment) : [stack.stackName, stack.id].includes(stackName),
  );
  const [stack] = fitting;
  if (stack && fitting.length === 1) return stack;
  const names = stacks.map((one) => `${one.stackName} (${one.environment})`).join(', ');
  const wanted = stackName ?? `one stack for ${account.id} in ${account.region}`;
  throw new DeploymentFailed(`The assembly must have ${wanted}; it has ${names || 'none'}.`);
}

class Deployment {
  readonly #account: SimulatedAccount;
  readonly #stack: SynthesizedStack;
  readonly #assets: Assets;
  readonly #identity: StackIdentity;
  readonly #scope: Scope;
  readonly #shared = new Shared();
  readonly #created = new Map<string, Created>();
  readonly #ignored: Record<string, number> = {};

  constructor(account: SimulatedAccount, stack: SynthesizedStack, assets: Assets) {
    this.#account = account;
    this.#stack = stack;
    this.#assets = assets;
    const stackId = account.arn('cloudformation', `stack/${stack.stackName}/${account.random.fork('stack').uuid()}`);
    this.#identity = { stackName: stack.stackName, stackId };
    this.#scope = {
      template: stack.template,
      values: parameterValues(account, stack.template, this.#identity),
      ref: (logicalId) => this.#known(logicalId).physicalId,
      attribute: (logicalId, name) => this.#attribute(logicalId, name),
    };
  }

  async run(): Promise<DeployedStack> {
    const resources = this.#wanted();
    for (const logicalId of creationOrder(resources)) {
      const resource = resources[logicalId];
      if (resource) await this.#create(logicalId, resource);
    }
    return {
      ...this.#identity,
      outputs: this.#outputs(),
      resources: Object.fromEntries(
        [...this.#created].map(([logicalId, { physicalId, arn, attributes }]) => [
          logicalId,
          { type: resources[logicalId]?.Type ?? '', physicalId, ...(arn ? { arn } : {}), attributes },
        ]),
      ),
      ignored: this.#ignored,
    };
  }

  #wanted(): Record<string, TemplateResource> {
    const all = Object.entries(this.#stack.template.Resources ?? {});
    if (all.length === 0) throw new DeploymentFailed('At least one Resources member must be defined.');
    return Object.fromEntries(all.filter(([, { Condition }]) => !Condition || holds(Condition, this.#scope)));
  }

  async #create(logicalId: string, resource: TemplateResource): Promise<void> {
    const fields = {
      account: this.#account,
      stack: this.#identity,
      assets: this.#assets,
      shared: this.#shared,
      logicalId,
    };
    const type = resource.Type;
    const unresolved = new Creation({ ...fields, type, properties: {} });
    try {
      const properties = resolve({ ...resource.Properties }, this.#scope) as Creation['properties'];
      const { created, ignored } = await createResource(new Creation({ ...fields, type, properties }));
      if (ignored) this.#ignored[type] = (this.#ignored[type] ?? 0) + 1;
      this.#created.set(logicalId, created);
    } catch (error) {
      if (error instanceof DeploymentFailed && error.message.startsWith(this.#identity.stackName)) throw error;
      throw unresolved.failed(error instanceof Error ? error.message : String(error), error);
    }
  }

  #outputs(): Record<string, string> {
    const all = Object.entries(this.#stack.template.Outputs ?? {});
    const wanted = all.filter(([, { Condition }]) => !Condition || holds(Condition, this.#scope));
    return Object.fromEntries(wanted.map(([name, { Value }]) => [name, String(resolve(Value, this.#scope))]));
  }

  #known(logicalId: string): Created {
    const created = this.#created.get(logicalId);
    if (!created) throw new DeploymentFailed(`There is no parameter or resource ${logicalId}.`);
    return created;
  }

  #attribute(logicalId: string, name: string): Json {
    const value = this.#known(logicalId).attributes[name];
    if (value === undefined) throw new DeploymentFailed(`${logicalId} has no attribute ${name}.`);
    return value;
  }
}
