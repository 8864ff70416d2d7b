import type {
  DescribeScalableTargetsRequest,
  DescribeScalableTargetsResponse,
  DescribeScalingPoliciesRequest,
  DescribeScalingPoliciesResponse,
  RegisterScalableTargetRequest,
  RegisterScalableTargetResponse,
  ScalableTarget,
  ScalingPolicy,
} from '@aws-sdk/client-application-auto-scaling';
import { AwsError, type Operation } from '../../service.ts';
import type { ApplicationAutoScaling } from '../autoscaling.ts';
import { pageOf } from '../paging.ts';
import { dimension, type PolicyRecord, type TargetRecord } from './model.ts';

const token = (next: string | undefined) => (next === undefined ? {} : { NextToken: next });

export function scalingOperations(scaling: ApplicationAutoScaling): Record<string, Operation> {
  const describeTargets: Operation<DescribeScalableTargetsRequest, DescribeScalableTargetsResponse> = {
    resources: () => ['*'],
    run({ ServiceNamespace, ResourceIds, ScalableDimension, NextToken, MaxResults }) {
      refuseNamespace(ServiceNamespace);
      const found = [...scaling.targets.values()]
        .filter(() => ServiceNamespace === 'ecs')
        .filter(({ resourceId }) => !ResourceIds?.length || ResourceIds.includes(resourceId))
        .filter(() => ScalableDimension === undefined || ScalableDimension === dimension);
      const { page, next } = pageOf(found, NextToken, MaxResults ?? 50);
      return { ScalableTargets: page.map(showTarget), ...token(next) };
    },
  };

  const describePolicies: Operation<DescribeScalingPoliciesRequest, DescribeScalingPoliciesResponse> = {
    resources: () => ['*'],
    run({ ServiceNamespace, ResourceId, PolicyNames, ScalableDimension, NextToken, MaxResults }) {
      refuseNamespace(ServiceNamespace);
      const found = scaling.policies
        .filter(() => ServiceNamespace === 'ecs')
        .filter(({ resourceId }) => ResourceId === undefined || resourceId === ResourceId)
        .filter(({ name }) => !PolicyNames?.length || PolicyNames.includes(name))
        .filter(() => ScalableDimension === undefined || ScalableDimension === dimension);
      const { page, next } = pageOf(found, NextToken, MaxResults ?? 10);
      return { ScalingPolicies: page.map(showPolicy), ...token(next) };
    },
  };

  /** Changes what is given of a target that exists; a new one needs both bounds. */
  const register: Operation<RegisterScalableTargetRequest, RegisterScalableTargetResponse> = {
    resources: ({ ResourceId = '' }) => [scaling.targets.get(ResourceId)?.arn ?? '*'],
    conditions: ({ ServiceNamespace = '', ScalableDimension = '' }) => ({
      'application-autoscaling:service-namespace': ServiceNamespace,
      'application-autoscaling:scalable-dimension': ScalableDimension,
    }),
    run(input, { principal }) {
      refuseNamespace(input.ServiceNamespace);
      if (input.ServiceNamespace !== 'ecs' || input.ScalableDimension !== dimension) {
        throw new Error(`scaling of ${input.ServiceNamespace} ${input.ScalableDimension} is not simulated`);
      }
      scaling.mustBeAllowed(principal, input.ResourceId ?? '');
      return { ScalableTargetARN: scaling.register(input).arn };
    },
  };

  return {
    DescribeScalableTargets: describeTargets,
    DescribeScalingPolicies: describePolicies,
    RegisterScalableTarget: register,
  };
}

function refuseNamespace(namespace: string | undefined): void {
  if (namespace) return;
  throw new AwsError(
    'ValidationException',
    "1 validation error detected: Value null at 'serviceNamespace' failed to satisfy constraint: Member must not be null",
  );
}

const showTarget = ({ arn, resourceId, min, max, roleArn, createdMs, suspended }: TargetRecord): ScalableTarget => ({
  ServiceNamespace: 'ecs',
  ResourceId: resourceId,
  ScalableDimension: dimension,
  MinCapacity: min,
  MaxCapacity: max,
  RoleARN: roleArn,
  CreationTime: new Date(createdMs),
  SuspendedState: { ...suspended },
  ScalableTargetARN: arn,
});

const showPolicy = (policy: PolicyRecord): ScalingPolicy => ({
  PolicyARN: policy.arn,
  PolicyName: policy.name,
  ServiceNamespace: 'ecs',
  ResourceId: policy.resourceId,
  ScalableDimension: dimension,
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingScalingPolicyConfiguration: {
    TargetValue: policy.targetPercent,
    PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
    ScaleOutCooldown: policy.scaleOutCooldownSeconds,
    ScaleInCooldown: policy.scaleInCooldownSeconds,
    DisableScaleIn: policy.disableScaleIn,
  },
  Alarms: [],
  CreationTime: new Date(policy.createdMs),
});
