/** Parameter Store: names by path, versions, the 4 KB limit of standard parameters. */
import type {
  GetParameterRequest,
  GetParametersByPathRequest,
  GetParametersRequest,
  Parameter,
  PutParameterRequest,
} from '@aws-sdk/client-ssm';
import * as schemas from '@aws-sdk/client-ssm';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import { describeParameters } from './ssm/describe-parameters.ts';

export interface StoredParameter {
  readonly name: string;
  readonly type: 'String' | 'StringList';
  readonly value: string;
  readonly version: number;
  readonly tier: 'Standard' | 'Advanced';
  readonly description?: string;
  readonly lastModifiedMs: number;
}

export interface ParameterSpec {
  readonly name: string;
  readonly value: string;
  readonly type?: StoredParameter['type'];
  readonly tier?: StoredParameter['tier'];
  readonly description?: string;
}

const valueLimitBytes = { Standard: 4096, Advanced: 8192 };

export class Ssm implements SimulatedService {
  readonly endpointPrefix = 'ssm';
  readonly iamPrefix = 'ssm';
  readonly protocol = 'json';
  readonly schemas = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #account: Pick<SimulatedAccount, 'clock' | 'arn'>;
  /** Oldest version first. */
  readonly #parameters = new Map<string, StoredParameter[]>();

  constructor(account: Pick<SimulatedAccount, 'clock' | 'arn'>) {
    this.#account = account;
    this.operations = {
      DescribeParameters: describeParameters(
        () => [...this.#parameters.keys()].sort().flatMap((name) => this.parameter(name) ?? []),
        (name) => this.#arn(name),
      ),
      GetParameter: this.#getParameter,
      GetParameters: this.#getParameters,
      GetParametersByPath: this.#getParametersByPath,
      PutParameter: this.#putParameter,
    };
  }

  /** Creates or overwrites. @throws AwsError where AWS would refuse the parameter */
  putParameter(spec: ParameterSpec): StoredParameter {
    const tier = spec.tier ?? 'Standard';
    check(spec, tier);
    const versions = this.#parameters.get(spec.name) ?? [];
    const parameter: StoredParameter = {
      name: spec.name,
      type: spec.type ?? 'String',
      value: spec.value,
      version: (versions.at(-1)?.version ?? 0) + 1,
      tier,
      ...(spec.description === undefined ? {} : { description: spec.description }),
      lastModifiedMs: this.#account.clock.now(),
    };
    this.#parameters.set(spec.name, [...versions, parameter]);
    return parameter;
  }

  /** By name or ARN, with an optional `:version`. */
  parameter(selector: string): StoredParameter | undefined {
    const [, name = '', version] = /^(.*?)(?::(\d+))?$/.exec(nameOf(selector)) ?? [];
    const versions = this.#parameters.get(name);
    return version === undefined ? versions?.at(-1) : versions?.find((one) => one.version === Number(version));
  }

  readonly #getParameter: Operation<GetParameterRequest> = {
    resources: (input) => [this.#arn(input.Name as string)],
    run: (input) => {
      const parameter = this.parameter(input.Name as string);
      // AWS's own answer has no message here.
      if (!parameter) throw new AwsError('ParameterNotFound', '');
      return { Parameter: this.#describe(parameter) };
    },
  };

  readonly #getParameters: Operation<GetParametersRequest> = {
    resources: (input) => (input.Names ?? []).map((name) => this.#arn(name)),
    run: (input) => {
      const names = input.Names ?? [];
      if (names.length > 10)
        throw new AwsError(
          'ValidationException',
          "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to 10",
        );
      const found = names.map((name) => this.parameter(name));
      return {
        Parameters: found.filter((one) => one !== undefined).map((one) => this.#describe(one)),
        InvalidParameters: names.filter((_, index) => !found[index]),
      };
    },
  };

  readonly #getParametersByPath: Operation<GetParametersByPathRequest> = {
    resources: (input) => [this.#arn((input.Path as string).replace(/(.)\/$/, '$1'))],
    run: (input) => {
      const path = `${(input.Path as string).replace(/\/$/, '')}/`;
      const start = Number(input.NextToken ?? 0);
      const end = start + (input.MaxResults ?? 10);
      const names = [...this.#parameters.keys()]
        .filter((name) => name.startsWith(path) && (input.Recursive || !name.slice(path.length).includes('/')))
        .sort();
      return {
        Parameters: names
          .slice(start, end)
          .map((name) => this.parameter(name))
          .filter((one) => one !== undefined)
          .map((one) => this.#describe(one)),
        ...(end < names.length ? { NextToken: String(end) } : {}),
      };
    },
  };

  readonly #putParameter: Operation<PutParameterRequest> = {
    resources: (input) => [this.#arn(input.Name as string)],
    run: (input) => {
      const name = input.Name as string;
      const existing = this.parameter(name);
      if (existing && !input.Overwrite)
        throw new AwsError(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
        );
      if (input.Type === 'SecureString') throw new Error(`SecureString parameters are not simulated (${name})`);
      const type = input.Type ?? existing?.type;
      const stored = this.putParameter({
        name,
        value: input.Value as string,
        ...(type === undefined ? {} : { type: type as StoredParameter['type'] }),
        tier: input.Tier === 'Advanced' ? 'Advanced' : (existing?.tier ?? 'Standard'),
        ...(input.Description === undefined ? {} : { description: input.Description }),
      });
      return { Version: stored.version, Tier: stored.tier };
    },
  };

  #arn(nameOrArn: string): string {
    const name = nameOf(nameOrArn).replace(/:\d+$/, '');
    return this.#account.arn('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`);
  }

  #describe(parameter: StoredParameter): Parameter {
    return {
      ARN: this.#arn(parameter.name),
      Name: parameter.name,
      Type: parameter.type,
      Value: parameter.value,
      Version: parameter.version,
      LastModifiedDate: new Date(parameter.lastModifiedMs),
      DataType: 'text',
    };
  }
}

const nameOf = (nameOrArn: string): string => nameOrArn.replace(/^arn:[^:]+:ssm:[^:]*:\d*:parameter/, '');

function check(spec: ParameterSpec, tier: keyof typeof valueLimitBytes): void {
  const limit = valueLimitBytes[tier];
  if (spec.value === '')
    throw new AwsError(
      'ValidationException',
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  if (Buffer.byteLength(spec.value) > limit)
    throw new AwsError(
      'ValidationException',
      tier === 'Standard'
        ? 'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html.'
        : 'Advanced tier parameters support a maximum parameter value of 8192 characters.',
    );
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(spec.name))
    throw new AwsError(
      'ValidationException',
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
}
