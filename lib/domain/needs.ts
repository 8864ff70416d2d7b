/**
 * What a task definition needs that lies outside of it: without its secrets, parameters, environment files, log groups and
 * roles no task of it starts. Only whether they are there and which version they have is ever read, never a value.
 */
import { familyRevision } from './ecs.ts';
import type { Check, Json, Release } from './model.ts';
import { containersOf, objectOf } from './task-definition-copy.ts';

export interface Need {
  readonly kind: 'parameter' | 'secret' | 'file' | 'log group' | 'role';
  /** As the task definition names it, without what only selects a part of it. */
  readonly name: string;
  /** Of a log group, where the definition says so. */
  readonly region?: string;
}

export interface NeedFacts extends Need {
  readonly found: 'there' | 'gone' | 'not checked';
  /** Why it counts as gone, or was not checked, as a sentence. */
  readonly why?: string;
  /** Of a parameter, or of what a secret's AWSCURRENT stands for. */
  readonly version?: string;
}

/** Each once, in the definition's order. */
export function needsOf(document: Json): Need[] {
  const definition = objectOf(document);
  const containers = containersOf(document);
  const log = containers.map(({ logConfiguration }) => objectOf(logConfiguration));
  const secrets = [
    ...containers.flatMap((container) => listOf(container.secrets).map(({ valueFrom }) => valueFrom)),
    ...log.flatMap(({ secretOptions }) => listOf(secretOptions).map(({ valueFrom }) => valueFrom)),
  ];
  const credentials = containers.map(
    ({ repositoryCredentials }) => objectOf(repositoryCredentials).credentialsParameter,
  );
  const files = containers.flatMap((container) => listOf(container.environmentFiles).map(({ value }) => value));
  const roles = [definition.taskRoleArn, definition.executionRoleArn];
  const needs = [
    ...texts(secrets).map(secretOrParameter),
    // Despite their name always a secret, by its ARN or its name.
    ...texts(credentials).map((name): Need => ({ kind: 'secret', name })),
    ...texts(files).map((name): Need => ({ kind: 'file', name })),
    ...containers.flatMap(({ logConfiguration }) => logGroups(objectOf(logConfiguration))),
    ...texts(roles).map((name): Need => ({ kind: 'role', name })),
  ];
  return needs.filter((need, index) => needs.findIndex((other) => sameNeed(need, other)) === index);
}

/** `arn:…:secret:name-AbCdEf:key:stage:version` names a secret by what stands before the key; anything else is a parameter. */
function secretOrParameter(valueFrom: string): Need {
  const secret = /^arn:[\w-]+:secretsmanager:[\w-]+:\d+:secret:[^:]+/.exec(valueFrom)?.[0];
  return secret ? { kind: 'secret', name: secret } : { kind: 'parameter', name: valueFrom };
}

/** The group that must be there already: the agent makes none unless it is told to. */
function logGroups({ logDriver, options }: Readonly<Record<string, Json>>): Need[] {
  const { 'awslogs-group': name, 'awslogs-create-group': creates, 'awslogs-region': region } = objectOf(options);
  if (logDriver !== 'awslogs' || String(creates) === 'true') return [];
  return texts([name]).map((group) => ({
    kind: 'log group',
    name: group,
    ...(typeof region === 'string' && region !== '' && { region }),
  }));
}

const sameNeed = (a: Need, b: Need): boolean => a.kind === b.kind && a.name === b.name && a.region === b.region;

/** @param recorded versions that the release ran with, by the names that the ledger has */
export function configurationCheck(
  release: Pick<Release, 'taskDefinition'> & { readonly configuration?: Release['configuration'] },
  needs: readonly NeedFacts[],
): Check {
  const name = 'configuration';
  if (needs.length === 0) {
    return {
      name,
      status: 'ok',
      evidence: `${familyRevision(release.taskDefinition)} names no secrets, files, log groups or roles.`,
    };
  }
  const gone = needs.filter(({ found }) => found === 'gone');
  const changed = needs.flatMap((need) => changeOf(need, release.configuration ?? []));
  const unknown = needs.filter(({ found }) => found === 'not checked');
  const there = needs.filter(({ found }) => found === 'there');
  const said = [
    ...gone.map(({ kind, name: which, why }) => `The ${kind} ${which}, which the target needs, is gone: ${why}`),
    ...changed,
    ...(there.length > 0 ? [`${there.length === 1 ? 'Is' : 'Are'} there: ${there.map(words).join(', ')}.`] : []),
    ...reasons(unknown),
  ];
  const status =
    gone.length > 0 ? 'failed' : changed.length > 0 ? 'warning' : unknown.length > 0 ? 'not checked' : 'ok';
  return { name, status, evidence: said.join(' ') };
}

function changeOf(need: NeedFacts, recorded: NonNullable<Release['configuration']>): string[] {
  const was = recorded.find(({ name }) => isNamed(need, name))?.versionId;
  if (was === undefined || need.version === undefined || was === need.version) return [];
  return [`The ${need.kind} ${need.name} had version ${was} with the target and has ${need.version} now.`];
}

/** The ledger may have a parameter's name where the definition has its ARN. */
function isNamed({ name }: Need, recorded: string): boolean {
  return name === recorded || bare(name) === bare(recorded);
}

/** `arn:aws:ssm:…:parameter/shop/key` -> `/shop/key`; anything else as it is. */
export function bare(name: string): string {
  const parameter = /^arn:[\w-]+:ssm:[\w-]*:\d*:parameter(\/.*)$/.exec(name)?.[1];
  if (parameter === undefined) return name;
  // A name without a path has no slash of its own, and its ARN has one.
  return parameter.lastIndexOf('/') === 0 ? parameter.slice(1) : parameter;
}

/** What a parameter may be called in Parameter Store: `…:parameter/key` is the ARN of `key`, and of `/key` as well. */
export function parameterNames(name: string): string[] {
  const short = bare(name);
  return short === name || short.startsWith('/') ? [short] : [short, `/${short}`];
}

/** One sentence for each reason. */
function reasons(unknown: readonly NeedFacts[]): string[] {
  const whys = [...new Set(unknown.map(({ why }) => why ?? ''))];
  return whys.map((why) =>
    `Not checked: ${unknown
      .filter((one) => (one.why ?? '') === why)
      .map(words)
      .join(', ')}. ${why}`.trim(),
  );
}

const words = ({ kind, name }: Need): string => `${kind} ${name}`;
const listOf = (value: Json | undefined) => (Array.isArray(value) ? value.map(objectOf) : []);
const texts = (values: readonly (Json | undefined)[]): string[] =>
  values.flatMap((value) => (typeof value === 'string' && value !== '' ? [value] : []));
