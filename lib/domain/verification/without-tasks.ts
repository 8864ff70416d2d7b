/** What can be said of a service that wants no tasks. */
import { familyRevision, primaryDeployment, type ServiceView } from '../ecs.ts';
import type { Verdict } from '../model.ts';

/** @returns undefined where a service has tasks by now: then it is measured */
export function judgeWithoutTasks(services: readonly (ServiceView | undefined)[]): Verdict | undefined {
  if (services.some((service) => (service?.desiredCount ?? 0) > 0)) return undefined;
  const found = services.map((service) =>
    service
      ? `${service.serviceArn.split('/').at(-1)} is on ${familyRevision(primaryDeployment(service)?.taskDefinition ?? service.taskDefinition)} and wants no tasks`
      : 'ECS knows no such service',
  );
  return {
    result: 'inconclusive',
    measurements: [],
    reason: `${found.join('; ')}: nothing serves, so nothing could be measured but that.`,
  };
}
