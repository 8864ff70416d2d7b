import type { SimulatedAccount } from '../../account.ts';
import type { Target, TargetGroup } from '../elbv2/model.ts';
import { bakeMs } from './alarm-watch.ts';
import type { Deployments } from './deployments.ts';
import { addEvent } from './events.ts';
import {
  type DeploymentRecord,
  inFlight,
  isWanted,
  primaryOf,
  type ServiceRecord,
  type TaskRecord,
  targetGroupOf,
  wantedOf,
} from './model.ts';
import { circuitBreakerThreshold, nextSets, nextStep, type RolloutTask, startDelaySeconds } from './rollout.ts';
import { TaskRunner, taskOfTarget } from './tasks.ts';

/** The scheduler sees a change about a second after it happened; what happens meanwhile is seen together. */
const reactionMs = 1000;

/** Keeps every service at its desired state: starts and stops tasks, and decides when a deployment is over. */
export class Scheduler {
  readonly tasks: TaskRunner;
  /** Called after each look at a service. */
  readonly reconciled: ((service: ServiceRecord) => void)[] = [];
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

  /** As many healthy tasks as the deployment is to run, and none of its other tasks on their way. */
  isSteady(service: ServiceRecord, deployment: DeploymentRecord): boolean {
    const own = service.tasks.filter((task) => task.deployment === deployment && isWanted(task));
    return own.length === wantedOf(service, deployment) && own.every((task) => this.#isHealthy(task));
  }

  #reconcile(service: ServiceRecord): void {
    const primary = primaryOf(service);
    // A failed deployment that is not rolled back: what runs is left alone.
    if (primary.rolloutState === 'FAILED') return;
    const tasks = service.tasks.filter(isWanted).map((task) => this.#describe(task));
    if (service.deployments.some(({ scale }) => scale !== undefined)) this.#keepSets(service, tasks);
    else this.#roll(service, tasks);
    inFlight(service)?.course?.poke();
    for (const callback of this.reconciled) callback(service);
  }

  #roll(service: ServiceRecord, tasks: readonly RolloutTask[]): void {
    const primary = primaryOf(service);
    const step = nextStep({ ...service, primaryId: primary.id, tasks });
    this.#stopAll(service, step.stop);
    this.#start(service, primary, step.start);
    if (primary.rolloutState === 'IN_PROGRESS' && this.#isAlone(service)) this.#settle(service);
  }

  #keepSets(service: ServiceRecord, tasks: readonly RolloutTask[]): void {
    const { deployments } = service;
    const sets = deployments.map((one) => ({ deploymentId: one.id, wanted: wantedOf(service, one) }));
    const step = nextSets(sets, tasks);
    this.#stopAll(service, step.stop);
    for (const { deploymentId, count } of step.start) {
      const deployment = deployments.find(({ id }) => id === deploymentId);
      if (deployment) this.#start(service, deployment, count);
    }
  }

  /** The deployment is over, unless somebody asked for its rollback or its alarms are still watched. */
  #settle(service: ServiceRecord): void {
    const record = inFlight(service);
    if (record?.status === 'ROLLBACK_REQUESTED') return;
    if (record?.alarms.status === 'MONITORING') {
      const nowMs = this.#account.clock.now();
      record.bakeUntilMs ??= nowMs + bakeMs(this.#account, service);
      if (record.bakeUntilMs > nowMs) {
        this.wake(service, record.bakeUntilMs - nowMs);
        return;
      }
    }
    this.#deployments.complete(service);
  }

  #describe(task: TaskRecord): RolloutTask {
    const { id, createdMs, deployment } = task;
    return { id, createdMs, deploymentId: deployment.id, healthy: this.#isHealthy(task) };
  }

  #stopAll(service: ServiceRecord, ids: readonly string[]): void {
    const stopped = service.tasks.filter(({ id }) => ids.includes(id));
    const draining = stopped.filter(({ lastStatus }) => lastStatus === 'RUNNING');
    if (draining.some((task) => targetGroupOf(task) !== undefined)) {
      addEvent(this.#account, service, `has begun draining connections on ${draining.length} tasks.`);
    }
    for (const task of stopped) {
      this.tasks.stop(task, `Scaling activity initiated by (deployment ${primaryOf(service).id})`);
    }
  }

  #start(service: ServiceRecord, deployment: DeploymentRecord, count: number): void {
    if (count === 0) return;
    const delayMs = startDelaySeconds(deployment.failedStarts) * 1000;
    const lastStop = Math.max(0, ...service.tasks.map(({ stoppedMs }) => stoppedMs ?? 0));
    if (lastStop + delayMs > this.#account.clock.now()) {
      addEvent(this.#account, service, 'is unable to consistently start tasks successfully.');
      this.wake(service, lastStop + delayMs - this.#account.clock.now());
      return;
    }
    const started = Array.from({ length: count }, () => this.tasks.start(service, deployment));
    addEvent(
      this.#account,
      service,
      `has started ${count} tasks: ${started.map(({ id }) => `(task ${id})`).join(' ')}.`,
    );
  }

  /** As many healthy tasks as desired, and nothing left of other deployments. */
  #isAlone(service: ServiceRecord): boolean {
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
    const group = targetGroupOf(task);
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
    if (task.service.circuitBreaker.resetOnHealthyTask !== false) task.deployment.failedTasks = 0;
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
    // The circuit breaker is for rolling deployments only.
    if (!service.circuitBreaker.enable || deployment !== primaryOf(service) || deployment.scale !== undefined) return;
    if (deployment.rolloutState !== 'IN_PROGRESS' || inFlight(service)?.status === 'ROLLBACK_REQUESTED') return;
    const threshold = circuitBreakerThreshold(service.desiredCount, service.circuitBreaker.thresholdConfiguration);
    if (deployment.failedTasks >= threshold) this.#deployments.trip(service);
  }
}
