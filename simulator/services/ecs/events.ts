import type { SimulatedAccount } from '../../account.ts';
import type { DeploymentRecord, ServiceRecord } from './model.ts';

/** A line of the service's event list, as `describe-services` shows it. */
export function addEvent(account: SimulatedAccount, service: ServiceRecord, message: string): void {
  const id = account.random.fork(`service event ${service.arn} ${account.clock.now()} ${message}`).uuid();
  service.events.unshift({
    id,
    createdAt: new Date(account.clock.now()),
    message: `(service ${service.name}) ${message}`,
  });
  service.events.splice(100);
}

/** "ECS Deployment State Change" on the event bus. */
export function emitDeploymentEvent(
  account: SimulatedAccount,
  service: ServiceRecord,
  deployment: DeploymentRecord,
  eventName: 'SERVICE_DEPLOYMENT_IN_PROGRESS' | 'SERVICE_DEPLOYMENT_COMPLETED' | 'SERVICE_DEPLOYMENT_FAILED',
  reason: string,
): void {
  account.events.emit({
    source: 'aws.ecs',
    'detail-type': 'ECS Deployment State Change',
    resources: [service.arn],
    detail: {
      eventType: eventName === 'SERVICE_DEPLOYMENT_FAILED' ? 'ERROR' : 'INFO',
      eventName,
      deploymentId: deployment.id,
      updatedAt: new Date(account.clock.now()).toISOString(),
      reason,
    },
  });
}
