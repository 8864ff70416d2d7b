import { Annotations, Stack, Token } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { ConfigurationError, type ConfigurationIssue } from '../config/errors.ts';
import { pathText } from '../config/explain.ts';
import { compileAdded, environmentWithoutFile } from '../config/extend.ts';
import type { EnvironmentConfiguration } from '../config/load.ts';
import type { ServiceConfiguration } from '../domain/model.ts';
import type { BackstepProps } from './backstep.ts';
import { KnownAtDeployment } from './known-at-deployment.ts';
import type { Protectable, ProtectProps } from './protect-props.ts';
import { missingParts, renderSection } from './protected-section.ts';

/** Which services a `Backstep` protects: those of its configuration, and those that `protect` adds one by one. */
export class Protection {
  readonly environment: EnvironmentConfiguration;
  readonly known: KnownAtDeployment;
  readonly #scope: Construct;
  readonly #sections: Record<string, unknown> = {};

  constructor(scope: Construct, props: BackstepProps) {
    this.#scope = scope;
    this.environment = environmentOf(Stack.of(scope), props);
    this.known = new KnownAtDeployment(scope, this.environment);
  }

  /** Notes a service down; whatever is wrong with it alone is said here, where the program's line is on the stack. */
  add(service: Protectable, props: ProtectProps): void {
    const label = `protect(${JSON.stringify(props.name)})`;
    const section = renderSection(service, props, this.known);
    const unknown = unresolvedIssues([], { name: props.name, ...section });
    if (unknown.length > 0) throw new ConfigurationError('protect', unknown);
    const missing = missingParts(service, props);
    if (missing.length > 0) throw new ConfigurationError(label, missing);
    if (Object.hasOwn(this.environment.services, props.name) || Object.hasOwn(this.#sections, props.name)) {
      const allowed = 'a name that no other service of the environment has';
      throw new ConfigurationError(label, [{ path: 'name', found: JSON.stringify(props.name), allowed }]);
    }
    const { warnings } = this.#compile({ [props.name]: section }, true, label);
    for (const warning of warnings) Annotations.of(this.#scope).addWarningV2(`backstep:${props.name}`, warning);
    this.#sections[props.name] = section;
  }

  /** All of them, compiled. What is known only at deployment has stand-ins. @throws ConfigurationError */
  services(): ServiceConfiguration[] {
    const own = Object.values(this.environment.services);
    if (Object.keys(this.#sections).length === 0) {
      if (own.length > 0) return own;
      throw new Error(
        `${this.#scope.node.path} protects nothing: give it a configuration, or call protect for each service.`,
      );
    }
    const label = `${this.#scope.node.path}: what it protects`;
    return [...own, ...Object.values(this.#compile(this.#sections, false, label).services)];
  }

  #compile(sections: Readonly<Record<string, unknown>>, alone: boolean, label: string) {
    try {
      return compileAdded(this.environment, sections, { alone, label });
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      const [only, ...others] = alone ? Object.keys(sections) : [];
      const prefix = pathText(['environments', this.environment.name, 'services', ...(only ? [only] : [])]);
      const words = (text: string): string =>
        this.known
          .describe(text)
          .replaceAll(`${prefix}.`, '')
          .replaceAll(...baseWords);
      throw new ConfigurationError(
        others.length === 0 ? label : 'protect',
        error.issues.map(({ path, found, allowed }) => ({
          path: propPath(words(path)),
          found: words(found),
          allowed: words(allowed),
        })),
      );
    }
  }
}

/** What a path is relative to, in a file and here. */
const baseWords = ['relative to the configuration file', 'relative to the directory that the app runs in'] as const;

/** `traffic.rules[0]` of the file is `rules[0]` of `protect`. */
const propPath = (path: string): string => path.replace(/(^|\.)traffic\./, '$1');

function environmentOf(stack: Stack, props: BackstepProps): EnvironmentConfiguration {
  const { configuration, environment, production, contacts } = props;
  if (configuration) {
    refuseOtherEnvironment(stack, configuration);
    if (environment !== undefined && environment !== configuration.name) {
      throw new Error(
        `environment: found "${environment}", allowed: nothing, or the configuration's, "${configuration.name}".`,
      );
    }
    const twice = Object.entries({ production, contacts }).find(([, value]) => value !== undefined);
    if (twice) throw new Error(`${twice[0]}: found beside configuration, which says it; allowed: nothing.`);
    return configuration;
  }
  if (environment === undefined) {
    throw new Error(
      'Backstep needs a configuration, or the name of an environment such as "production"; found neither.',
    );
  }
  const { account, region } = stack;
  if (Token.isUnresolved(account) || Token.isUnresolved(region)) {
    throw new Error(
      `The stack ${stack.stackName} has no account and region that are known at synthesis, and Backstep's alarms and ` +
        'permissions name them: give the stack env: { account, region }.',
    );
  }
  return environmentWithoutFile(environment, {
    account,
    region,
    ...(production !== undefined && { production }),
    ...(contacts && { contacts }),
  });
}

/** ARNs in the configuration name an account and a region: elsewhere they would protect nothing. */
function refuseOtherEnvironment(stack: Stack, { name, account, region }: EnvironmentConfiguration): void {
  if (stack.account === account && stack.region === region) return;
  throw new Error(
    `The environment ${name} is configured for account ${account} and region ${region}, but the stack ` +
      `${stack.stackName} goes to ${stack.account} and ${stack.region}: give the stack env: { account, region }.`,
  );
}

/** What must be decided at synthesis cannot wait for the deployment. */
function unresolvedIssues(path: readonly PropertyKey[], value: unknown): ConfigurationIssue[] {
  if (value !== null && typeof value === 'object') {
    return Object.entries(value).flatMap(([key, item]) =>
      unresolvedIssues([...path, Array.isArray(value) ? Number(key) : key], item),
    );
  }
  if (!Token.isUnresolved(value)) return [];
  const found = 'a value that is known only at deployment (a CDK token)';
  return [{ path: propPath(pathText(path)), found, allowed: 'one that is known at synthesis' }];
}
