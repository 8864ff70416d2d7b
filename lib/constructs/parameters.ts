import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { ServiceConfiguration } from '../domain/model.ts';
import { killSwitchParameter, serviceParameter } from '../domain/names.ts';
import type { StoredConfiguration } from './installation.ts';
import type { KnownAtDeployment } from './known-at-deployment.ts';

export interface ParametersProps {
  readonly environment: string;
  readonly services: readonly ServiceConfiguration[];
  readonly configurations: readonly StoredConfiguration[];
  readonly known: KnownAtDeployment;
}

/**
 * One SSM parameter per service: what is configured, in short, and where the whole of it lies. And the environment's kill
 * switch, which people flip: a deployment leaves it as it is, since its template never changes.
 */
export class Parameters extends Construct {
  constructor(scope: Construct, id: string, props: ParametersProps) {
    super(scope, id);
    new StringParameter(this, 'KillSwitch', {
      parameterName: killSwitchParameter(props.environment),
      description: `Backstep: while this is "on", nothing in ${props.environment} rolls back by itself. "off" or "on: the reason".`,
      tier: ParameterTier.STANDARD,
      stringValue: 'off',
    });
    const alarmedServices = props.services.filter(hasAlarms).length;
    for (const service of props.services) {
      const stored = props.configurations.find((configuration) => configuration.service === service.service);
      if (!stored) throw new Error(`The configuration of ${service.service} is not stored.`);
      new StringParameter(this, service.service, {
        parameterName: serviceParameter(props.environment, service.service),
        description: `Backstep: what protects ${service.service}. Written by the deployment; change backstep.json instead.`,
        tier: ParameterTier.STANDARD,
        stringValue: props.known.fill(renderParameter(service, stored, alarmedServices)),
      });
    }
  }
}

/** A standard parameter holds 4 KB. */
const largestParameter = 4_096;

const hasAlarms = ({ triggers }: ServiceConfiguration): boolean => triggers.some(({ alarms }) => alarms.length > 0);

/**
 * The parameter's value.
 *
 * @param alarmedServices services of the environment with alarms of ours: an outage of all of them is no release's fault
 * @throws Error when it does not fit
 */
export function renderParameter(
  service: ServiceConfiguration,
  stored: StoredConfiguration,
  alarmedServices: number,
): string {
  const { key, sha256 } = stored;
  const value = JSON.stringify({ summary: summarize(service), key, sha256, alarmedServices }, undefined, 2);
  const size = Buffer.byteLength(value);
  if (size <= largestParameter) return value;
  throw new Error(
    `The summary of ${service.service} takes ${size} bytes, and an SSM parameter holds ${largestParameter}: ` +
      'shorten the names of its sides, of its companions or of its triggers.',
  );
}

/** Short by nature: names and numbers, no ARNs, no text of the runbook but the triggers' ids. */
function summarize(service: ServiceConfiguration) {
  const compiled = service.triggers.filter((trigger) => trigger.compiled);
  const ids = (automatic: boolean): string[] =>
    compiled.filter((trigger) => trigger.autoExecute === automatic).map((trigger) => trigger.triggerId);
  return {
    production: service.production,
    sides: service.sides.map((side) => `${side.name}: ${side.cluster}/${side.service}`),
    ...(service.companions && {
      companions: service.companions.map(({ name, cluster, service: own }) => `${name}: ${cluster}/${own}`),
    }),
    listenerRules: service.traffic.rules.length,
    probes: service.health.probes.length,
    database: service.database ? Object.values(service.database).join() : 'none',
    policy: service.policy,
    runbook: service.runbook.runbookId,
    rollsBackByItself: ids(true),
    asksAPerson: ids(false),
    adoptedAlarms: service.adoptedAlarms?.length ?? 0,
    notCompiled: service.triggers.filter((trigger) => !trigger.compiled).map((trigger) => trigger.triggerId),
  };
}
