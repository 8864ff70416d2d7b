import type { SimulatedAccount } from '../../account.ts';
import type { TargetGroup, TargetServer } from '../elbv2/model.ts';
import { nextChange, servingAt } from './behaviour.ts';
import { addEvent } from './events.ts';
import { behaviourOf, type DeploymentRecord, type ServiceRecord, type TaskRecord, targetGroupOf } from './model.ts';
import { pullFailure } from './pull.ts';

export interface TaskEvents {
  /** A task changed: the scheduler should look at its service. */
  changed(service: ServiceRecord): void;
  /** A task ended before it was ever healthy. */
  failed(task: TaskRecord, ranAtAll: boolean): void;
  healthy(task: TaskRecord): void;
}

/** STOPPED tasks stay visible for about an hour. */
const stoppedVisibleMs = 3_600_000;

/** Starts, registers, drains and stops tasks on the clock. */
export class TaskRunner {
  readonly #account: SimulatedAccount;
  readonly #events: TaskEvents;
  readonly #newId: () => string;
  #addresses = 0;

  constructor(account: SimulatedAccount, events: TaskEvents, newId: () => string) {
    this.#account = account;
    this.#events = events;
    this.#newId = newId;
  }

  start(service: ServiceRecord, deployment: DeploymentRecord): TaskRecord {
    const task = this.#create(service, deployment, this.#account.clock.now());
    const { startSeconds } = behaviourOf(task);
    this.#account.clock.after(startSeconds * 1000, () => {
      if (task.lastStatus !== 'PENDING') return;
      const failure = pullFailure(this.#account, task);
      if (failure !== undefined) this.#failToStart(task, failure);
      else this.#run(task);
    });
    return task;
  }

  /** A task that has been running, and healthy where its behaviour says so, since `startedMs`. */
  adopt(service: ServiceRecord, deployment: DeploymentRecord, startedMs: number): void {
    const task = this.#create(service, deployment, startedMs);
    task.startedMs = startedMs;
    task.lastStatus = 'RUNNING';
    task.everHealthy = true;
    this.#register(task, true);
    this.scheduleCrash(task);
  }

  /** Takes the task out of its target group, waits for the deregistration delay, and stops it. */
  stop(task: TaskRecord, reason: string): void {
    if (task.draining || task.lastStatus === 'STOPPING' || task.lastStatus === 'STOPPED') return;
    task.stopCode = 'ServiceSchedulerInitiated';
    task.stoppedReason = reason;
    const group = targetGroupOf(task);
    if (group === undefined || task.lastStatus === 'PENDING') {
      this.#terminate(task);
      return;
    }
    task.draining = true;
    this.#account.elbv2.deregisterTarget(group, task.ip, () => this.#terminate(task));
  }

  scheduleCrash(task: TaskRecord): void {
    task.crash?.cancel();
    const { crashAfterSeconds } = behaviourOf(task);
    if (crashAfterSeconds === undefined || task.startedMs === undefined) return;
    task.crash = this.#account.clock.at(task.startedMs + crashAfterSeconds * 1000, () => this.#exit(task));
  }

  #create(service: ServiceRecord, deployment: DeploymentRecord, createdMs: number): TaskRecord {
    const id = this.#newId();
    const address = this.#addresses++;
    const task: TaskRecord = {
      id,
      arn: this.#account.arn('ecs', `task/${service.cluster}/${id}`),
      service,
      deployment,
      definition: deployment.definition,
      ip: `10.0.${Math.floor(address / 240)}.${10 + (address % 240)}`,
      createdMs,
      lastStatus: 'PENDING',
      draining: false,
      everHealthy: false,
    };
    service.tasks.push(task);
    return task;
  }

  #run(task: TaskRecord): void {
    task.startedMs = this.#account.clock.now();
    task.lastStatus = 'RUNNING';
    this.#register(task, false);
    if (targetGroupOf(task) === undefined) {
      task.everHealthy = true;
      this.#events.healthy(task);
    }
    this.scheduleCrash(task);
    this.#events.changed(task.service);
  }

  #register(task: TaskRecord, settled: boolean): void {
    const group = targetGroupOf(task);
    if (group === undefined) return;
    const server: TargetServer = {
      behaviour: (nowMs) => servingAt(behaviourOf(task), task.startedMs ?? nowMs, nowMs),
      nextChange: (nowMs) => nextChange(behaviourOf(task), task.startedMs ?? nowMs, nowMs),
    };
    const port = task.deployment.revision.loadBalancers[0]?.containerPort ?? 80;
    this.#account.elbv2.registerTarget(group, task.ip, port, server, settled);
    if (!settled) addEvent(this.#account, task.service, `registered 1 targets in (target-group ${group})`);
  }

  /** Two ways to be a failure at the start: never pulled, or ended before the first passed health check. */
  #failToStart(task: TaskRecord, reason: string): void {
    task.stopCode = 'TaskFailedToStart';
    task.stoppedReason = reason;
    this.#stopped(task);
    this.#events.failed(task, false);
  }

  #exit(task: TaskRecord): void {
    if (task.lastStatus !== 'RUNNING') return;
    task.stopCode = 'EssentialContainerExited';
    task.stoppedReason = 'Essential container in task exited';
    task.exitCode = behaviourOf(task).exitCode;
    const group = targetGroupOf(task);
    if (group !== undefined) this.#account.elbv2.deregisterTarget(group, task.ip);
    const wanted = !task.draining;
    this.#stopped(task);
    if (wanted && !task.everHealthy) this.#events.failed(task, true);
  }

  #terminate(task: TaskRecord): void {
    if (task.lastStatus === 'STOPPED') return;
    const ran = task.lastStatus === 'RUNNING';
    task.lastStatus = 'STOPPING';
    task.stoppingMs = this.#account.clock.now();
    if (ran) addEvent(this.#account, task.service, `has stopped 1 running tasks: (task ${task.id}).`);
    task.crash?.cancel();
    this.#account.clock.after(behaviourOf(task).stopSeconds * 1000, () => {
      task.exitCode ??= 0;
      this.#stopped(task);
    });
    this.#events.changed(task.service);
  }

  #stopped(task: TaskRecord): void {
    task.lastStatus = 'STOPPED';
    task.stoppedMs = this.#account.clock.now();
    task.crash?.cancel();
    this.#account.clock.after(stoppedVisibleMs, () => {
      task.service.tasks.splice(task.service.tasks.indexOf(task), 1);
    });
    this.#events.changed(task.service);
  }
}

/** The task registered as this target. */
export const taskOfTarget = (service: ServiceRecord, group: TargetGroup, ip: string): TaskRecord | undefined =>
  service.tasks.find((task) => task.ip === ip && targetGroupOf(task) === group.arn);
