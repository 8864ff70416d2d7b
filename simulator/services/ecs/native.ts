import type { SimulatedAccount } from '../../account.ts';
import { Course } from './course.ts';
import { runHooks } from './hooks.ts';
import {
  type DeploymentRecord,
  primaryOf,
  type ServiceDeploymentRecord,
  type ServiceRecord,
  stableOf,
} from './model.ts';
import { type Stage, type StageStep, shownStage, stagesOf } from './strategy.ts';
import { moveTraffic } from './traffic.ts';

/** AWS documents no time for the stages in which nothing has to be waited for; each takes a few seconds. */
const stageMs = 5000;
const reactionMs = 1000;
/** "Each lifecycle stage can last up to 24 hours." */
const longestStageMs = 24 * 3_600_000;

export interface NativeEvents {
  started(service: ServiceRecord, record: ServiceDeploymentRecord): void;
  /** The rollback begins: the completed deployment is the primary one again. */
  returning(service: ServiceRecord, record: ServiceDeploymentRecord, reason: string): void;
  done(service: ServiceRecord): void;
  failed(record: ServiceDeploymentRecord, reason: string): void;
}

/** Leads blue/green, linear and canary deployments through their stages, and back. */
export class NativeDeployments {
  readonly #account: SimulatedAccount;
  readonly #events: NativeEvents;

  constructor(account: SimulatedAccount, events: NativeEvents) {
    this.#account = account;
    this.#events = events;
  }

  /** The target group that the completed deployment does not use; undefined without a load balancer. */
  freeGroup(service: ServiceRecord): string | undefined {
    const [loadBalancer] = service.loadBalancers;
    const { targetGroupArn: own, advancedConfiguration: advanced } = loadBalancer ?? {};
    return stableOf(service)?.revision.targetGroupArn === own ? advanced?.alternateTargetGroupArn : own;
  }

  /** @param delayMs until another deployment has stopped */
  lead(service: ServiceRecord, record: ServiceDeploymentRecord, delayMs: number): void {
    for (const one of service.deployments) one.scale = one === primaryOf(service) ? 0 : (one.scale ?? 1);
    record.course = new Course(this.#account.clock).begin(
      (course) => this.#forward(course, service, record, delayMs),
      () => this.leadBack(service, record, `Service deployment rolled back: ${record.stage} timed out.`),
    );
  }

  leadBack(service: ServiceRecord, record: ServiceDeploymentRecord, reason: string): void {
    record.course?.callOff();
    record.status = 'ROLLBACK_REQUESTED';
    record.updatedMs = this.#account.clock.now();
    record.hooks = [];
    record.course = new Course(this.#account.clock).begin(
      (course) => this.#back(course, service, record, reason),
      () => this.#events.failed(record, `The rollback timed out in ${record.stage}.`),
    );
  }

  async #forward(course: Course, service: ServiceRecord, record: ServiceDeploymentRecord, delayMs: number) {
    if (delayMs > 0) {
      await course.sleep(delayMs);
      this.#events.started(service, record);
    }
    const target = primaryOf(service);
    const source = stableOf(service);
    if (service.deployments.some((one) => one !== target && one !== source)) {
      if (!(await this.#enter(course, service, record, 'RECONCILE_SERVICE'))) return;
      await this.#reconcile(course, service, source, target);
    }
    for (const step of stagesOf(service.strategy)) {
      if (!(await this.#enter(course, service, record, step.stage))) return;
      await this.#pass(course, service, record, step, target);
    }
    this.#events.done(service);
  }

  async #back(course: Course, service: ServiceRecord, record: ServiceDeploymentRecord, reason: string) {
    await course.sleep(reactionMs);
    const source = stableOf(service);
    if (!source) throw new Error(`the service ${service.name} has no deployment to return to`);
    this.#events.returning(service, record, reason);
    source.scale = 1;
    record.stage = 'SCALE_UP';
    this.#wake(service);
    await course.until(() => this.#isSteady(source, service), longestStageMs);
    record.stage = 'PRODUCTION_TRAFFIC_SHIFT';
    this.#shift(service, source, 100, 'production');
    this.#shift(service, source, 100, 'test');
    await course.sleep(stageMs);
    record.stage = 'CLEAN_UP';
    await this.#end(course, service, source);
    this.#events.done(service);
  }

  /** @returns false where a hook refused: the way back has begun */
  async #enter(course: Course, service: ServiceRecord, record: ServiceDeploymentRecord, stage: Stage) {
    record.stage = shownStage(stage);
    record.updatedMs = this.#account.clock.now();
    record.hooks = [];
    await course.sleep(stageMs);
    const answer = await runHooks(this.#account, service, record, stage, course);
    if (answer.goOn) return true;
    this.leadBack(service, record, `Service deployment rolled back: ${answer.reason}.`);
    return false;
  }

  async #pass(
    course: Course,
    service: ServiceRecord,
    record: ServiceDeploymentRecord,
    { stage, productionPercent = 0, holdMs = 0 }: StageStep,
    target: DeploymentRecord,
  ) {
    if (stage === 'SCALE_UP') {
      // The rule has to name the new group, or its targets are never checked.
      this.#shift(service, target, 0, 'production');
      target.scale = 1;
      this.#wake(service);
      await course.until(() => this.#isSteady(target, service), longestStageMs);
    }
    if (stage === 'TEST_TRAFFIC_SHIFT') this.#shift(service, target, 100, 'test');
    if (stage === 'PRODUCTION_TRAFFIC_SHIFT') this.#shift(service, target, productionPercent, 'production');
    if (holdMs > 0) await course.sleep(holdMs);
    if (stage === 'CLEAN_UP') await this.#end(course, service, target);
    record.updatedMs = this.#account.clock.now();
  }

  /** Several revisions serve: all but the completed one give way before the new one starts. */
  async #reconcile(
    course: Course,
    service: ServiceRecord,
    source: DeploymentRecord | undefined,
    target: DeploymentRecord,
  ) {
    if (!source) return;
    source.scale = 1;
    this.#wake(service);
    await course.until(() => this.#isSteady(source, service), longestStageMs);
    this.#shift(service, source, 100, 'production');
    this.#shift(service, source, 100, 'test');
    const others = service.deployments.filter((one) => one !== source && one !== target);
    for (const other of others) other.scale = 0;
    this.#wake(service);
    await course.until(() => others.every((other) => this.#isGone(other, service)), longestStageMs);
    for (const other of others) other.status = 'INACTIVE';
    service.deployments = [target, source];
  }

  /** Everything but `kept` stops. */
  async #end(course: Course, service: ServiceRecord, kept: DeploymentRecord) {
    const others = service.deployments.filter((one) => one !== kept);
    for (const other of others) other.scale = 0;
    this.#wake(service);
    await course.until(() => others.every((other) => this.#isGone(other, service)), longestStageMs);
  }

  #shift(service: ServiceRecord, to: DeploymentRecord, percent: number, kind: 'production' | 'test'): void {
    const [{ targetGroupArn, advancedConfiguration: advanced } = {}] = service.loadBalancers;
    const route = kind === 'production' ? advanced?.productionListenerRule : advanced?.testListenerRule;
    const group = to.revision.targetGroupArn;
    if (!route || !group || !targetGroupArn || !advanced?.alternateTargetGroupArn) return;
    const other = group === targetGroupArn ? advanced.alternateTargetGroupArn : targetGroupArn;
    moveTraffic(this.#account, route, other, group, percent);
  }

  #isSteady = (deployment: DeploymentRecord, service: ServiceRecord): boolean =>
    this.#account.ecs.scheduler.isSteady(service, deployment);

  #isGone = (deployment: DeploymentRecord, service: ServiceRecord): boolean =>
    service.tasks.every((task) => task.deployment !== deployment || task.lastStatus === 'STOPPED');

  #wake(service: ServiceRecord): void {
    this.#account.ecs.scheduler.wake(service);
  }
}
