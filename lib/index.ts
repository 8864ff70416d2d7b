/** What a CDK app imports from `backstep`. Everything else in this package may change without notice. */
export { ConfigurationError, type ConfigurationIssue } from './config/errors.ts';
export {
  type Configuration,
  type EnvironmentConfiguration,
  loadConfiguration,
  type ParseOptions,
  parseConfiguration,
} from './config/load.ts';
export { Backstep, type BackstepProps } from './constructs/backstep.ts';
export type {
  Database,
  DeploymentGroup,
  EcsService,
  LoadBalancedService,
  Protectable,
  ProtectedCompanion,
  ProtectedSide,
  ProtectProps,
  TargetGroup,
  TrafficRule,
} from './constructs/protect-props.ts';
export { BackstepStack, type BackstepStackProps } from './constructs/stack.ts';
