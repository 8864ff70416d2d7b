/**
 * AWS Systems Manager parameters: where Backstep is installed, which services it protects, and its kill switches.
 *
 * Calls: ssm:GetParameter, ssm:GetParameters, ssm:GetParametersByPath, ssm:PutParameter
 */
import { type Installation, parseInstallation } from '../../lib/domain/installation.ts';
import type { SwitchReading } from '../../lib/domain/kill-switch.ts';
import { installationParameter, killSwitchParameter, serviceParameter } from '../../lib/domain/names.ts';
import { type AccountClock, clientOptions, lazily } from './client.ts';

/** One protected service, as the deployment announces it. */
export interface ServicePointer {
  readonly service: string;
  /** A start by hand needs the phrase. */
  readonly production: boolean;
  /** Where its configuration lies in the bucket. */
  readonly configurationKey: string;
}

export class Parameters {
  readonly #ssm;
  readonly #sdk = lazily(() => import('@aws-sdk/client-ssm'));

  constructor(clock: AccountClock) {
    this.#ssm = lazily(async () => clock.listenTo(new (await this.#sdk()).SSMClient(clientOptions)));
  }

  /** Undefined where this environment is not installed in the account and region. */
  async installation(environment: string): Promise<Installation | undefined> {
    const value = await this.#value(installationParameter(environment));
    return value === undefined ? undefined : parseInstallation(environment, value);
  }

  /** Every environment that is installed in the account and region, by name. */
  async installations(): Promise<Installation[]> {
    const found: Installation[] = [];
    for (const { name, value } of await this.#below('/backstep', true)) {
      const environment = /^\/backstep\/([^/]+)\/installation$/.exec(name)?.[1];
      if (environment !== undefined) found.push(parseInstallation(environment, value));
    }
    return found.sort((a, b) => a.environment.localeCompare(b.environment));
  }

  /** Every service of the environment, by name. */
  async services(environment: string): Promise<ServicePointer[]> {
    const prefix = serviceParameter(environment, '');
    const found = await this.#below(prefix.replace(/\/$/, ''), false);
    return found
      .map(({ name, value }) => pointerOf(name.slice(prefix.length), value))
      .sort((a, b) => a.service.localeCompare(b.service));
  }

  /** The switch of the environment, and that of each service which has one. */
  async killSwitches(
    environment: string,
  ): Promise<{ readonly whole: SwitchReading | undefined; readonly services: ReadonlyMap<string, SwitchReading> }> {
    const own = killSwitchParameter(environment);
    const [{ client, GetParametersCommand }, services] = [await this.#client(), await this.#below(own, false)];
    const { Parameters: [whole] = [] } = await client.send(new GetParametersCommand({ Names: [own] }));
    return {
      whole: whole && { name: own, value: whole.Value ?? '', changedAt: iso(whole.LastModifiedDate) },
      services: new Map(services.map((reading) => [reading.name.slice(own.length + 1), reading])),
    };
  }

  /** @param value `off`, `on`, or `on: the reason` */
  async setKillSwitch(environment: string, service: string | undefined, value: string): Promise<void> {
    const { client, PutParameterCommand } = await this.#client();
    const Name = killSwitchParameter(environment, service);
    await client.send(new PutParameterCommand({ Name, Value: value, Type: 'String', Overwrite: true }));
  }

  async #value(name: string): Promise<string | undefined> {
    const { client, GetParameterCommand, ParameterNotFound } = await this.#client();
    try {
      const { Parameter } = await client.send(new GetParameterCommand({ Name: name }));
      return Parameter?.Value;
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  }

  async #below(path: string, recursive: boolean): Promise<SwitchReading[]> {
    const { client, paginateGetParametersByPath } = await this.#client();
    const found: SwitchReading[] = [];
    for await (const page of paginateGetParametersByPath({ client }, { Path: path, Recursive: recursive }))
      for (const { Name = '', Value = '', LastModifiedDate } of page.Parameters ?? [])
        found.push({ name: Name, value: Value, changedAt: iso(LastModifiedDate) });
    return found;
  }

  async #client() {
    return { client: await this.#ssm(), ...(await this.#sdk()) };
  }
}

const iso = (time: Date | undefined): string => time?.toISOString() ?? '';

function pointerOf(service: string, value: string): ServicePointer {
  const { key, summary } = JSON.parse(value) as { key?: unknown; summary?: { production?: unknown } };
  if (typeof key !== 'string')
    throw new Error(`The parameter of service ${service} names no configuration: deploy Backstep again.`);
  // A parameter that does not say so may be of production: then the phrase is asked for once too often.
  return { service, production: summary?.production !== false, configurationKey: key };
}
