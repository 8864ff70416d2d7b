/** AWS Secrets Manager: secrets by name and ARN, and the versions that they have. Values are not kept at all. */
import type { DescribeSecretRequest, DescribeSecretResponse } from '@aws-sdk/client-secrets-manager';
import * as schemas from '@aws-sdk/client-secrets-manager';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';

export interface SecretRecord {
  readonly name: string;
  /** Ends with six characters of Secrets Manager's own. */
  readonly arn: string;
  readonly createdMs: number;
  /** Version id to its stages; one without any is deprecated and not shown. */
  readonly versions: Map<string, Set<string>>;
  changedMs: number;
  /** Scheduled for deletion: its values can no longer be read. */
  deletedMs?: number;
}

export interface SecretSpec {
  readonly name: string;
  /** Six letters or digits; drawn from the account's seed where absent. */
  readonly suffix?: string | undefined;
  readonly versionId?: string | undefined;
}

export class SecretsManager implements SimulatedService {
  readonly endpointPrefix = 'secretsmanager';
  readonly iamPrefix = 'secretsmanager';
  readonly protocol = 'json';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  /** By name. */
  readonly secrets = new Map<string, SecretRecord>();
  readonly #account: SimulatedAccount;

  constructor(account: SimulatedAccount) {
    this.#account = account;
    this.operations = { DescribeSecret: this.#describeSecret };
  }

  /** A secret with one version, which is AWSCURRENT. */
  create({ name, suffix, versionId }: SecretSpec): SecretRecord {
    if (this.secrets.has(name)) throw new Error(`the secret ${name} is in the account twice`);
    const { clock, random } = this.#account;
    const drawn = random.fork(`secret ${name}`);
    const secret: SecretRecord = {
      name,
      arn: this.#account.arn('secretsmanager', `secret:${name}-${suffix ?? drawn.hex(6)}`),
      createdMs: clock.now(),
      changedMs: clock.now(),
      versions: new Map([[versionId ?? drawn.uuid(), new Set(['AWSCURRENT'])]]),
    };
    this.secrets.set(name, secret);
    return secret;
  }

  /** A new version becomes AWSCURRENT, the one before AWSPREVIOUS. Returns its id. */
  rotate(name: string, versionId?: string): string {
    const secret = this.find(name);
    const id = versionId ?? this.#account.random.fork(`version ${name} ${secret.versions.size}`).uuid();
    for (const stages of secret.versions.values()) {
      stages.delete('AWSPREVIOUS');
      if (stages.delete('AWSCURRENT')) stages.add('AWSPREVIOUS');
    }
    secret.versions.set(id, new Set(['AWSCURRENT']));
    secret.changedMs = this.#account.clock.now();
    return id;
  }

  /** @param id a name, an ARN, or an ARN without the six characters. @throws AwsError ResourceNotFoundException */
  find(id: string): SecretRecord {
    const found = this.#tryFind(id);
    if (!found) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return found;
  }

  #tryFind(id: string): SecretRecord | undefined {
    const named = this.secrets.get(id);
    if (named || !id.startsWith('arn:')) return named;
    return [...this.secrets.values()].find(({ arn }) => arn === id || arn.slice(0, -'-AbCdEf'.length) === id);
  }

  readonly #describeSecret: Operation<DescribeSecretRequest, DescribeSecretResponse> = {
    resources: ({ SecretId: id = '' }) => {
      const unknown = id.startsWith('arn:') ? id : this.#account.arn('secretsmanager', `secret:${id}`);
      return [this.#tryFind(id)?.arn ?? unknown];
    },
    run: ({ SecretId: id = '' }) => {
      const { name, arn, createdMs, changedMs, deletedMs, versions } = this.find(id);
      const staged = [...versions].filter(([, stages]) => stages.size > 0);
      return {
        ARN: arn,
        Name: name,
        CreatedDate: new Date(createdMs),
        LastChangedDate: new Date(changedMs),
        ...(deletedMs === undefined ? {} : { DeletedDate: new Date(deletedMs) }),
        VersionIdsToStages: Object.fromEntries(staged.map(([version, stages]) => [version, [...stages]])),
      };
    },
  };
}
