import type {
  ContinueServiceDeploymentRequest,
  ContinueServiceDeploymentResponse,
  StopServiceDeploymentRequest,
  StopServiceDeploymentResponse,
} from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError, type Operation } from '../../service.ts';
import type { Ecs } from '../ecs.ts';
import type { ServiceDeploymentRecord, ServiceRecord } from './model.ts';
import { clusterArn, withService } from './show-common.ts';

const invalid = (message: string) => new AwsError('InvalidParameterException', message);

export function stopOperations(ecs: Ecs, account: SimulatedAccount): Record<string, Operation> {
  const conditions = ({ serviceDeploymentArn = '' }: { serviceDeploymentArn?: string | undefined }) => ({
    'ecs:cluster': clusterArn(account, serviceDeploymentArn.split('/')[1] ?? ''),
  });

  const find = (arn: string | undefined): { service: ServiceRecord; record: ServiceDeploymentRecord } => {
    if (!arn?.includes(':service-deployment/')) throw invalid('Invalid service deployment ARN.');
    const found = ecs.findServiceDeployment(arn);
    if (!found) throw new AwsError('ServiceDeploymentNotFoundException', 'Service deployment not found.');
    if (found.service.controller !== 'ECS') {
      throw new AwsError(
        'UnsupportedFeatureException',
        `Service deployments are not supported with the ${found.service.controller} deployment controller.`,
      );
    }
    return found;
  };

  const stop: Operation<StopServiceDeploymentRequest, StopServiceDeploymentResponse> = {
    conditions,
    resources: ({ serviceDeploymentArn = '*' }) => withService([serviceDeploymentArn]),
    run({ serviceDeploymentArn, stopType = 'ROLLBACK' }) {
      if (stopType !== 'ROLLBACK') throw invalid(`Invalid stopType ${stopType}. The valid values are ROLLBACK.`);
      const { service, record } = find(serviceDeploymentArn);
      ecs.deployments.stop(service, record, 'Service deployment rolled back by StopServiceDeployment.');
      return { serviceDeploymentArn: record.arn };
    },
  };

  /** Answers a pause: only while it waits, and only while the deployment is IN_PROGRESS. */
  const continueDeployment: Operation<ContinueServiceDeploymentRequest, ContinueServiceDeploymentResponse> = {
    conditions,
    resources: ({ serviceDeploymentArn = '*' }) => withService([serviceDeploymentArn]),
    run({ serviceDeploymentArn, hookId, action = 'CONTINUE' }) {
      const { record } = find(serviceDeploymentArn);
      if (action !== 'CONTINUE' && action !== 'ROLLBACK') throw invalid('Invalid action.');
      const hook = record.hooks.find(({ id }) => id === hookId);
      if (!hook) throw invalid('The hookId is not of a hook of this service deployment.');
      if (record.status !== 'IN_PROGRESS' || hook.status !== 'AWAITING_ACTION') {
        throw new AwsError('ConflictException', 'The lifecycle hook is not awaiting an action.');
      }
      hook.answer = action;
      hook.status = 'SUCCEEDED';
      record.updatedMs = account.clock.now();
      record.course?.poke();
      return { serviceDeploymentArn: record.arn };
    },
  };

  return { StopServiceDeployment: stop, ContinueServiceDeployment: continueDeployment };
}
