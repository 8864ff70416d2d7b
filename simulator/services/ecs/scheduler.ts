import type { SimulatedAccount } from '../../account.ts';
import type { Target, TargetGroup } from '../elbv2/model.ts';
import type { Deployments } from './deployments.ts';
import { addEvent } from './events.ts';
import { isWanted, primaryOf, type ServiceRecord, type TaskRecord, targetGroupOf } from './model.ts';
import { circuitBreakerThreshold, nextStep, startDelaySeconds } from './rollout.ts';
import { TaskRunner, taskOfTarget } from './tasks.ts';

/** The scheduler sees a change about a second after it happened; what happens meanwhile is seen together. */
const reactionMs = 1000;

/** Keeps every service at its desired state: starts and stops tasks, and decides when a deployment is over. */
export class Scheduler {
  readonly tasks: TaskRunner;
  readonly #account: SimulatedAccount;
  readonly #deployments: Deployments;
  readonly #services: () => Iterable<ServiceRecord>;

  constructor(
    account: SimulatedAccount,
    deployments: Deployments,
    services: () => Iterable<ServiceRecord>,
    newId: () => string,
  ) {
    this.#account = account;
    this.#deployments = deployments;
    this.#services = services;
    this.tasks = new TaskRunner(
      account,
      {
        changed: (service) => this.wake(service),
        failed: (task, ranAtAll) => this.#failed(task, ranAtAll),
        healthy: (task) => this.#healthy(task),
      },
      newId,
    );
    account.elbv2.afterTargetChange.push((group, target) => this.#targetChanged(group, target));
  }

  /** Looks at the service soon. */
  wake(service: ServiceRecord, delayMs = reactionMs): void {
    const at = this.#account.clock.now() + delayMs;
    if (service.wake && service.wake.at <= at) return;
    service.wake?.cancel();
    service.wake = this.#account.clock.at(at, () => {
      delete service.wake;
      this.#reconcile(service);
    });
  }

  #reconcile(service: ServiceRecord): void {
    if (service.controller !== 'ECS' && service.deployments.length === 0) return;
    const primary = primaryOf(service);
    // A tripped circuit breaker without rollback: what runs is left alone.
    if (primary.rolloutState === 'FAILED') return;
    const wanted = service.tasks.filter(isWanted);
    const step = nextStep({
      ...service,
      primaryId: primary.id,
      tasks: wanted.map((task) => ({
        id: task.id,
        deploymentId: task.deployment.id,
        healthy: this.#isHealthy(task),
        createdMs: task.createdMs,
      })),
    });
    this.#stopAll(service, step.stop);
    this.#startAll(service, step.start);
    if (primary.rolloutState === 'IN_PROGRESS' && this.#isSteady(service)) this.#deployments.complete(service);
  }

  #stopAll(service: ServiceRecord, ids: readonly string[]): void {
    const stopped = service.tasks.filter(({ id }) => ids.includes(id));
    const draining = stopped.filter(({ lastStatus }) => lastStatus === 'RUNNING');
    if (draining.length > 0 && targetGroupOf(service) !== undefined) {
      addEvent(this.#account, service, `has begun draining connections on ${draining.length} tasks.`);
    }
    for (const task of stopped) {
      this.tasks.stop(task, `Scaling activity initiated by (deployment ${primaryOf(service).id})`);
    }
  }

  #startAll(service: ServiceRecord, count: number): void {
    const primary = primaryOf(service);
    if (count === 0) return;
    const delayMs = startDelaySeconds(primary.failedStarts) * 1000;
    const lastStop = Math.max(0, ...service.tasks.map(({ stoppedMs }) => stoppedMs ?? 0));
    if (lastStop + delayMs > this.#account.clock.now()) {
      addEvent(this.#account, service, 'is unable to consistently start tasks successfully.');
      this.wake(service, lastStop + delayMs - this.#account.clock.now());
      return;
    }
    const started = Array.from({ length: count }, () => this.tasks.start(service, primary));
    addEvent(
      this.#account,
      service,
      `has started ${count} tasks: ${started.map(({ id }) => `(task ${id})`).join(' ')}.`,
    );
  }

  /** As many healthy tasks as desired, and nothing left of other deployments. */
  #isSteady(service: ServiceRecord): boolean {
    const primary = primaryOf(service);
    const alive = service.tasks.filter(({ lastStatus }) => lastStatus === 'PENDING' || lastStatus === 'RUNNING');
    const own = alive.filter((task) => task.deployment === primary && !task.draining);
    return (
      own.length === service.desiredCount &&
      own.every((task) => this.#isHealthy(task)) &&
      alive.every((task) => task.deployment === primary)
    );
  }

  #isHealthy(task: TaskRecord): boolean {
    if (task.lastStatus !== 'RUNNING') return false;
    const group = targetGroupOf(task.service);
    if (group === undefined) return true;
    const { targets } = this.#account.elbv2.targetGroup(group);
    // A group that no rule uses has no health checks; ECS then waits for none.
    return (
      targets.get(task.ip)?.state === 'healthy' || !this.#account.elbv2.inUse(this.#account.elbv2.targetGroup(group))
    );
  }

  #targetChanged(group: TargetGroup, target: Target): void {
    for (const service of this.#services()) {
      const task = taskOfTarget(service, group, target.id);
      if (!task || task.draining) continue;
      if (target.state === 'healthy') this.#healthy(task);
      if (target.state === 'unhealthy') this.#unhealthy(task, group);
      this.wake(service);
    }
  }

  #healthy(task: TaskRecord): void {
    task.everHealthy = true;
    task.deployment.failedTasks = 0;
    task.deployment.failedStarts = 0;
  }

  /** ECS replaces a task that fails its load balancer's health checks, once its grace period is over. */
  #unhealthy(task: TaskRecord, group: TargetGroup): void {
    const { service, deployment } = task;
    const graceMs = (task.startedMs ?? 0) + service.healthCheckGracePeriodSeconds * 1000;
    if (graceMs > this.#account.clock.now()) {
      this.#account.clock.at(graceMs, () => {
        if (group.targets.get(task.ip)?.state === 'unhealthy' && isWanted(task)) this.#unhealthy(task, group);
      });
      return;
    }
    const port = service.loadBalancers[0]?.containerPort ?? 80;
    addEvent(
      this.#account,
      service,
      `(port ${port}) is unhealthy in (target-group ${group.arn}) due to (reason Health checks failed with these codes: [503]).`,
    );
    // With the circuit breaker tripped and nothing to return to, ECS starts no replacement.
    if (deployment.rolloutState === 'FAILED' && deployment === primaryOf(service)) return;
    this.tasks.stop(task, `Task failed ELB health checks in (target-group ${group.arn})`);
    if (!task.everHealthy) this.#failed(task, true);
  }

  #failed(task: TaskRecord, ranAtAll: boolean): void {
    const { service, deployment } = task;
    deployment.failedTasks += 1;
    deployment.failedStarts = ranAtAll ? 0 : deployment.failedStarts + 1;
    this.wake(service);
    if (!service.circuitBreaker.enable || deployment !== primaryOf(service)) return;
    if (deployment.rolloutState !== 'IN_PROGRESS') return;
    if (deployment.failedTasks >= circuitBreakerThreshold(service.desiredCount)) this.#deployments.trip(service);
  }
}
