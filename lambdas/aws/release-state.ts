/**
 * What a release is recorded with besides its images: how the service stood when it had come into service. Nothing of it is
 * worth losing the record for: what cannot be read is left out, and logged.
 *
 * Calls: s3:PutObject, elasticloadbalancing:DescribeRules, elasticloadbalancing:DescribeListeners,
 * application-autoscaling:DescribeScalableTargets, ssm:DescribeParameters, secretsmanager:DescribeSecret
 */
import type { ServiceView, TaskDefinitionView } from '../../lib/domain/ecs.ts';
import type { ConfigurationVersion, Release, RuleWeights, ServiceConfiguration, Side } from '../../lib/domain/model.ts';
import { needsOf } from '../../lib/domain/needs.ts';
import { weightsOf } from '../../lib/domain/traffic.ts';
import { putDefinition } from './documents.ts';
import { readActionsIfAny } from './elbv2.ts';
import { readNeeds } from './needs.ts';
import { readScaling, scalableResource } from './scaling.ts';

export type ReleaseState = Pick<Release, 'definitionKey' | 'rules' | 'desiredCount' | 'scaling' | 'configuration'>;

/** @param definition undefined where ECS tells none */
export async function readReleaseState(
  configuration: ServiceConfiguration,
  side: Pick<Side, 'cluster' | 'service'>,
  view: ServiceView,
  definition: TaskDefinitionView | undefined,
): Promise<ReleaseState> {
  const { service, traffic } = configuration;
  const [definitionKey, rules, scaling, versions] = await Promise.all([
    definition && orNothing('its task definition', putDefinition(service, definition)),
    orNothing('the weights of its rules', readRules(traffic.rules)),
    orNothing('the bounds of its scaling', readScaling(scalableResource(side))),
    definition && orNothing('versions of what it reads', readVersions(definition, configuration)),
  ]);
  return {
    desiredCount: view.desiredCount,
    ...(definitionKey !== undefined && { definitionKey }),
    ...(rules && rules.length > 0 && { rules }),
    ...(scaling && { scaling: { minimum: scaling.minimum, maximum: scaling.maximum } }),
    ...(versions && versions.length > 0 && { configuration: versions }),
  };
}

async function readRules(rules: readonly string[]): Promise<RuleWeights[]> {
  const read = await Promise.all(rules.map(async (rule) => weightsOf(rule, (await readActionsIfAny(rule)) ?? [])));
  return read.flatMap((weights) => weights ?? []);
}

async function readVersions(
  { document }: TaskDefinitionView,
  configuration: ServiceConfiguration,
): Promise<ConfigurationVersion[]> {
  const asked = needsOf(document).filter(({ kind }) => kind === 'parameter' || kind === 'secret');
  const needs = await readNeeds(asked, configuration);
  return needs.flatMap(({ name, version }) => (version ? [{ name, versionId: version }] : []));
}

async function orNothing<T>(what: string, reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    console.warn(`The release is recorded without ${what}:`, error);
    return undefined;
  }
}
