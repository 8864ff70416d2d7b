import type { ErrorCode } from '@aws-sdk/client-codedeploy';
import type { SimulatedAccount } from '../../account.ts';
import { Course } from '../ecs/course.ts';
import { type DeploymentRecord, primaryOf, type ServiceRecord } from '../ecs/model.ts';
import { alarmMessage, watchAlarms } from './alarm-watch.ts';
import { type AppSpec, readRevision } from './appspec.ts';
import { trafficSteps } from './configurations.ts';
import { announce } from './events.ts';
import type { CodeDeployment } from './model.ts';
import { createReplacement, isGone, keepAlone, promote, route } from './task-sets.ts';

/** From the call until work begins, and for each small step; AWS documents neither. */
const stepMs = 5000;
const minuteMs = 60_000;
/** "This time out period is 60 minutes." */
const installTimeoutMs = 60 * minuteMs;

export interface Wait {
  kind: 'READY_WAIT' | 'TERMINATION_WAIT';
  over: boolean;
}

/** One deployment, or one rollback, from Created to its end. */
export class DeploymentRunner {
  readonly deployment: CodeDeployment;
  readonly service: ServiceRecord;
  /** What ContinueDeployment can end. */
  wait: Wait | undefined;
  readonly #account: SimulatedAccount;
  readonly #rollBack: (undone: DeploymentRunner) => void;
  #course: Course | undefined;
  #original: DeploymentRecord;

  constructor(
    account: SimulatedAccount,
    deployment: CodeDeployment,
    service: ServiceRecord,
    rollBack: (undone: DeploymentRunner) => void,
  ) {
    this.#account = account;
    this.deployment = deployment;
    this.service = service;
    this.#rollBack = rollBack;
    this.#original = primaryOf(service);
  }

  /** The task set that served when the deployment began. */
  get original(): DeploymentRecord {
    return this.#original;
  }

  deploy(): void {
    watchAlarms(this.#account, this.deployment, (names) =>
      this.stop(
        'ALARM_ACTIVE',
        alarmMessage(names),
        this.deployment.rollbackEvents.includes('DEPLOYMENT_STOP_ON_ALARM'),
      ),
    );
    this.#course = new Course(this.#account.clock).begin(
      (course) => this.#forward(course),
      () =>
        this.#fail(
          'TIMEOUT',
          'The deployment timed out while waiting for the replacement task set to become healthy. This time out period is 60 minutes.',
        ),
    );
  }

  /** Traffic goes back to the original task set of another deployment, and its replacement ends. */
  undo(original: DeploymentRecord): void {
    this.#original = original;
    this.#course = new Course(this.#account.clock).begin(
      (course) => this.#back(course),
      () => this.#fail('TIMEOUT', 'The original task set did not become healthy.'),
    );
  }

  poke(): void {
    this.#course?.poke();
  }

  /** Ends it where it stands. */
  stop(code: ErrorCode, message: string, rollBack: boolean): void {
    this.#course?.callOff();
    this.#end('Stopped', { code, message });
    if (rollBack) this.#rollBack(this);
  }

  async #forward(course: Course): Promise<void> {
    const { deployment, service } = this;
    const { group } = deployment;
    await this.#begin(course);
    const spec = readRevision(deployment.revision);
    const definition = this.#account.ecs.definitions.find(spec.taskDefinition);
    if (definition?.status !== 'ACTIVE') return this.#refuse(spec, definition !== undefined);
    const replacement = createReplacement(this.#account, service, deployment, definition);
    // The listener has to name the new group, or its targets are never checked.
    route(this.#account, group, group.productionListeners, replacement, 0);
    this.#wake();
    await course.until(() => this.#account.ecs.scheduler.isSteady(service, replacement), installTimeoutMs);
    route(this.#account, group, group.testListeners, replacement, 100);
    if (!(await this.#ready(course))) return;
    for (const { percent, holdMs } of trafficSteps(deployment.configName)) {
      await course.sleep(stepMs);
      route(this.#account, group, group.productionListeners, replacement, percent);
      if (holdMs > 0) await course.sleep(holdMs);
    }
    promote(service, replacement, this.#account.clock.now());
    deployment.terminationWaitStarted = true;
    await this.#pause(course, 'TERMINATION_WAIT', group.terminationWaitMinutes * minuteMs);
    await this.#finish(course, replacement);
  }

  async #back(course: Course): Promise<void> {
    const { service } = this;
    const { group } = this.deployment;
    const original = this.#original;
    await this.#begin(course);
    original.scale = 1;
    this.#wake();
    await course.until(() => this.#account.ecs.scheduler.isSteady(service, original), installTimeoutMs);
    route(this.#account, group, [...group.productionListeners, ...group.testListeners], original, 100);
    promote(service, original, this.#account.clock.now());
    await course.sleep(stepMs);
    await this.#finish(course, original);
  }

  async #begin(course: Course): Promise<void> {
    await course.sleep(stepMs);
    this.deployment.status = 'InProgress';
    this.deployment.startedMs = this.#account.clock.now();
    announce(this.#account, this.deployment, 'START');
  }

  /** @returns false where nobody continued it and the group says that it stops then */
  async #ready(course: Course): Promise<boolean> {
    const { deployment } = this;
    const { readyWaitMinutes, readyAction } = deployment.group;
    if (readyWaitMinutes === 0) return true;
    deployment.status = 'Ready';
    announce(this.#account, deployment, 'READY');
    const continued = await this.#pause(course, 'READY_WAIT', readyWaitMinutes * minuteMs);
    if (!continued && readyAction === 'STOP_DEPLOYMENT') {
      this.stop('TIMEOUT', 'The deployment timed out while waiting for a notification to continue.', false);
      return false;
    }
    deployment.status = 'InProgress';
    return true;
  }

  /** @returns whether somebody ended the wait */
  async #pause(course: Course, kind: Wait['kind'], ms: number): Promise<boolean> {
    const wait: Wait = { kind, over: false };
    this.wait = wait;
    const end = this.#account.clock.after(ms, () => this.poke());
    const endMs = this.#account.clock.now() + ms;
    await course.until(() => wait.over || this.#account.clock.now() >= endMs).finally(() => end.cancel());
    this.wait = undefined;
    return wait.over;
  }

  async #finish(course: Course, kept: DeploymentRecord): Promise<void> {
    const { service } = this;
    const others = service.deployments.filter((one) => one !== kept);
    for (const other of others) other.scale = 0;
    this.#wake();
    await course.until(() => others.every((other) => isGone(service, other)));
    keepAlone(service, kept);
    this.#end('Succeeded');
  }

  #refuse({ taskDefinition }: AppSpec, inactive: boolean): void {
    const [code, why] = inactive
      ? ['InvalidParameterException', 'TaskDefinition is inactive']
      : ['ClientException', `TaskDefinition not found: ${taskDefinition}`];
    this.#fail(
      'ECS_UPDATE_ERROR',
      `The ECS service cannot be updated due to an unexpected error: ${why} (Service: AmazonECS; Status Code: 400; Error Code: ${code})`,
    );
  }

  #fail(code: ErrorCode, message: string): void {
    this.#course?.callOff();
    this.#end('Failed', { code, message });
    if (this.deployment.rollbackEvents.includes('DEPLOYMENT_FAILURE')) this.#rollBack(this);
  }

  #end(status: 'Succeeded' | 'Failed' | 'Stopped', error?: { code: ErrorCode; message: string }): void {
    this.wait = undefined;
    this.deployment.status = status;
    this.deployment.completedMs = this.#account.clock.now();
    if (error) this.deployment.error = error;
    announce(
      this.#account,
      this.deployment,
      status === 'Succeeded' ? 'SUCCESS' : status === 'Failed' ? 'FAILURE' : 'STOP',
    );
  }

  #wake(): void {
    this.#account.ecs.scheduler.wake(this.service);
  }
}
