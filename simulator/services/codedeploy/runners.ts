import type { CreateDeploymentInput } from '@aws-sdk/client-codedeploy';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError } from '../../service.ts';
import type { CodeDeploy } from '../codedeploy.ts';
import { type DeploymentRecord, primaryOf, type ServiceRecord } from '../ecs/model.ts';
import { readRevision, revisionOf } from './appspec.ts';
import { describeConfiguration } from './configurations.ts';
import { type CodeDeployment, type GroupRecord, isOver, type RollbackEvent } from './model.ts';
import { DeploymentRunner, type Wait } from './runner.ts';

/** Creates, stops, continues and undoes deployments. */
export class Runners {
  readonly #account: SimulatedAccount;
  readonly #codedeploy: CodeDeploy;
  readonly #runners = new Map<string, DeploymentRunner>();

  constructor(account: SimulatedAccount, codedeploy: CodeDeploy) {
    this.#account = account;
    this.#codedeploy = codedeploy;
    account.ecs.scheduler.reconciled.push((service) => {
      for (const runner of this.#runners.values()) if (runner.service === service) runner.poke();
    });
  }

  create(input: CreateDeploymentInput): CodeDeployment {
    const group = this.#codedeploy.group(input.applicationName, input.deploymentGroupName);
    const configName = input.deploymentConfigName ?? group.configName;
    describeConfiguration(configName);
    readRevision(input.revision);
    const active = group.deployments.find((deployment) => !isOver(deployment));
    if (active) {
      throw new AwsError(
        'DeploymentLimitExceededException',
        `The Deployment Group '${group.name}' already has an active Deployment '${active.id}'`,
      );
    }
    const alarms = input.overrideAlarmConfiguration;
    const names = alarms ? (alarms.alarms ?? []).map(({ name = '' }) => name) : group.alarms.names;
    const enabled = alarms ? (alarms.enabled ?? false) : group.alarms.enabled;
    const rollback = input.autoRollbackConfiguration ?? group.autoRollback;
    const deployment = this.#record(group, {
      configName,
      description: input.description,
      creator: 'user',
      revision: input.revision ?? {},
      alarmNames: enabled ? names : [],
      rollbackEvents: rollback.enabled ? [...(rollback.events ?? [])] : [],
      rollbackOf: undefined,
    });
    this.#runner(deployment).deploy();
    return deployment;
  }

  /** @param rollBack what the caller says; otherwise what the deployment is configured for */
  stop(deployment: CodeDeployment, rollBack: boolean | undefined): void {
    if (isOver(deployment)) {
      throw new AwsError(
        'DeploymentAlreadyCompletedException',
        `The deployment ${deployment.id} is already in a terminal state: ${deployment.status}`,
      );
    }
    const back = rollBack ?? deployment.rollbackEvents.includes('DEPLOYMENT_STOP_ON_REQUEST');
    this.#runners.get(deployment.id)?.stop('MANUAL_STOP', 'The deployment was stopped by a user.', back);
  }

  /** Ends a wait. @throws AwsError `DeploymentAlreadyCompletedException` or `DeploymentIsNotInReadyStateException` */
  continue(deployment: CodeDeployment, kind: Wait['kind']): void {
    if (isOver(deployment)) {
      throw new AwsError('DeploymentAlreadyCompletedException', `The deployment ${deployment.id} is over`);
    }
    const runner = this.#runners.get(deployment.id);
    if (runner?.wait?.kind !== kind) {
      throw new AwsError('DeploymentIsNotInReadyStateException', `The deployment ${deployment.id} is not waiting`);
    }
    runner.wait.over = true;
    runner.poke();
  }

  /** The rollback is a deployment of its own, which names the one that it undoes. */
  #undo(undone: DeploymentRunner): void {
    const { deployment, service, original } = undone;
    if (deployment.rollbackOf !== undefined) return;
    const back = this.#record(deployment.group, {
      configName: deployment.configName,
      description: `Rollback of ${deployment.id}`,
      creator: 'codeDeployRollback',
      revision: deployment.previousRevision ?? revisionBehind(service, original),
      alarmNames: [],
      rollbackEvents: [],
      rollbackOf: deployment.id,
    });
    deployment.rolledBackBy = back.id;
    this.#runner(back).undo(original);
  }

  #runner(deployment: CodeDeployment): DeploymentRunner {
    const { cluster, service: name } = deployment.group;
    const service = this.#account.ecs.requireService(cluster, name);
    const runner = new DeploymentRunner(this.#account, deployment, service, (undone) => this.#undo(undone));
    this.#runners.set(deployment.id, runner);
    return runner;
  }

  #record(
    group: GroupRecord,
    given: Pick<CodeDeployment, 'configName' | 'description' | 'creator' | 'revision' | 'alarmNames' | 'rollbackOf'> & {
      rollbackEvents: readonly RollbackEvent[];
    },
  ): CodeDeployment {
    const nowMs = this.#account.clock.now();
    const service = this.#account.ecs.requireService(group.cluster, group.service);
    const deployment: CodeDeployment = {
      id: newId(this.#account, group, nowMs),
      group,
      previousRevision:
        group.deployments.find(({ status }) => status === 'Succeeded')?.revision ??
        revisionBehind(service, primaryOf(service)),
      createdMs: nowMs,
      status: 'Created',
      terminationWaitStarted: false,
      ...given,
    };
    group.deployments.unshift(deployment);
    return deployment;
  }
}

function revisionBehind(service: ServiceRecord, taskSet: DeploymentRecord) {
  const [loadBalancer] = service.loadBalancers;
  return revisionOf({
    taskDefinition: taskSet.definition.arn,
    containerName: loadBalancer?.containerName ?? service.name,
    containerPort: loadBalancer?.containerPort ?? 80,
  });
}

/** `d-` and nine capital letters or digits. */
export function newId(account: SimulatedAccount, group: GroupRecord, nowMs: number): string {
  const random = account.random.fork(`deployment ${group.id} ${group.deployments.length} ${nowMs}`);
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  return `d-${Array.from({ length: 9 }, () => letters[random.integer(letters.length)]).join('')}`;
}
