import type { RegisterScalableTargetRequest } from '@aws-sdk/client-application-auto-scaling';
import * as schemas from '@aws-sdk/client-application-auto-scaling';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type Principal, type SimulatedService } from '../service.ts';
import type { PolicyRecord, TargetRecord } from './autoscaling/model.ts';
import { scalingOperations } from './autoscaling/operations.ts';
import { track } from './autoscaling/tracking.ts';

/** Application Auto Scaling of ECS services: bounds, what is suspended, and target tracking on CPU. */
export class ApplicationAutoScaling implements SimulatedService {
  readonly endpointPrefix = 'application-autoscaling';
  readonly iamPrefix = 'application-autoscaling';
  readonly protocol = 'json';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  /** By resource id, `service/<cluster>/<name>`. */
  readonly targets = new Map<string, TargetRecord>();
  readonly policies: PolicyRecord[] = [];
  readonly #account: SimulatedAccount;

  constructor(account: SimulatedAccount) {
    this.#account = account;
    this.operations = scalingOperations(this);
  }

  /**
   * Application Auto Scaling tries the scaled service's own calls in the caller's name first.
   *
   * @throws AwsError `ValidationException`
   */
  mustBeAllowed(principal: Principal, resourceId: string): void {
    const arn = this.#account.arn('ecs', resourceId);
    const missing = ['ecs:DescribeServices', 'ecs:UpdateService'].filter((action) => {
      try {
        this.#account.iam.authorize(principal, action, [arn]);
        return false;
      } catch {
        return true;
      }
    });
    if (missing.length > 0)
      throw new AwsError('ValidationException', `User is missing the following permissions: ${missing.join(', ')}`);
  }

  /** @throws AwsError `ValidationException` */
  register(input: RegisterScalableTargetRequest): TargetRecord {
    const resourceId = input.ResourceId ?? '';
    const known = this.targets.get(resourceId);
    const min = input.MinCapacity ?? known?.min;
    const max = input.MaxCapacity ?? known?.max;
    if (min === undefined || max === undefined) {
      throw new AwsError('ValidationException', 'Both MinCapacity and MaxCapacity must be specified for a new target');
    }
    if (min < 0 || max < min) {
      throw new AwsError('ValidationException', `Maximum capacity ${max} cannot be less than minimum capacity ${min}`);
    }
    const target = known ?? this.#create(resourceId, min, max);
    target.min = min;
    target.max = max;
    target.roleArn = input.RoleARN ?? target.roleArn;
    const given = Object.entries(input.SuspendedState ?? {}).filter(([, value]) => value !== undefined);
    target.suspended = { ...target.suspended, ...Object.fromEntries(given) };
    return target;
  }

  /** A target tracking policy on CPU, which acts from now on. */
  addPolicy(policy: PolicyRecord): void {
    const target = this.targets.get(policy.resourceId);
    if (!target) throw new Error(`${policy.resourceId} is not a scalable target`);
    this.policies.push(policy);
    track(this.#account, target, policy);
  }

  #create(resourceId: string, min: number, max: number): TargetRecord {
    const [kind, cluster, name = ''] = resourceId.split('/');
    if (kind !== 'service' || !this.#account.ecs.findService(cluster, name)) {
      throw new AwsError('ValidationException', `ECS service doesn't exist: ${resourceId}`);
    }
    const { id, random, clock } = this.#account;
    const key = random.fork(`scalable target ${resourceId}`).hex(36);
    const target: TargetRecord = {
      arn: this.#account.arn('application-autoscaling', `scalable-target/${key}`),
      resourceId,
      min,
      max,
      roleArn: `arn:aws:iam::${id}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`,
      createdMs: clock.now(),
      suspended: {
        DynamicScalingInSuspended: false,
        DynamicScalingOutSuspended: false,
        ScheduledScalingSuspended: false,
      },
    };
    this.targets.set(resourceId, target);
    return target;
  }
}
