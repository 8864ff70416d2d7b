/** One change to infrastructure as code, in words and code. */
import type { Manager, Plan, RuleWeights, ServiceConfiguration } from '../model.ts';

export type Tool = 'CDK' | 'CloudFormation' | 'Terraform';

export interface Pin {
  readonly tool: Tool;
  /** What to change and where, as a sentence. */
  readonly words: string;
  readonly language: 'ts' | 'yaml' | 'hcl';
  readonly code: string;
}

export interface PinFacts {
  readonly plan: Pick<Plan, 'target' | 'companions'>;
  readonly configuration: Pick<ServiceConfiguration, 'sides' | 'account' | 'region'>;
  /** Weights as they are now, of every rule. */
  readonly rules: readonly RuleWeights[];
  /** Task definition and controller that a side is on now. */
  readonly running: (side: string) => { readonly taskDefinition: string; readonly controller: string } | undefined;
}

/** `Service (AWS::ECS::Service) in stack shop`, as far as tags tell. */
export function declaredAs(manager: Manager | undefined, type: string): string {
  const { stack, logicalId } = manager ?? {};
  const what = logicalId === undefined ? `the ${type}` : `${logicalId} (${type})`;
  return stack === undefined ? what : `${what} in stack ${stack}`;
}
