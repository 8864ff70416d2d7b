import * as schemas from '@aws-sdk/client-codedeploy';
import type { SimulatedAccount } from '../account.ts';
import { AwsError, type Operation, type SimulatedService } from '../service.ts';
import { type CodeDeployment, type GroupRecord, isOver } from './codedeploy/model.ts';
import { readOperations } from './codedeploy/read-operations.ts';
import { Runners } from './codedeploy/runners.ts';
import { writeOperations } from './codedeploy/write-operations.ts';
import type { ServiceRecord } from './ecs/model.ts';

/** AWS CodeDeploy, for ECS services whose deployment controller it is. */
export class CodeDeploy implements SimulatedService {
  readonly endpointPrefix = 'codedeploy';
  readonly iamPrefix = 'codedeploy';
  readonly protocol = 'json';
  readonly schemas: Readonly<Record<string, unknown>> = schemas;
  readonly operations: Readonly<Record<string, Operation>>;
  /** By name; each holds its deployment groups by name. */
  readonly applications = new Map<string, Map<string, GroupRecord>>();
  readonly runners: Runners;

  constructor(account: SimulatedAccount) {
    this.runners = new Runners(account, this);
    this.operations = { ...readOperations(this, account), ...writeOperations(this, account) };
  }

  /** Newest first. */
  get deployments(): CodeDeployment[] {
    return [...this.applications.values()]
      .flatMap((groups) => [...groups.values()].flatMap(({ deployments }) => deployments))
      .sort((a, b) => b.createdMs - a.createdMs);
  }

  addGroup(group: GroupRecord): void {
    const groups = this.applications.get(group.application) ?? new Map<string, GroupRecord>();
    groups.set(group.name, group);
    this.applications.set(group.application, groups);
  }

  /** @throws AwsError `ApplicationNameRequiredException` or `ApplicationDoesNotExistException` */
  application(name: string | undefined): Map<string, GroupRecord> {
    if (!name) throw new AwsError('ApplicationNameRequiredException', 'Application name is missing');
    const found = this.applications.get(name);
    if (!found) throw new AwsError('ApplicationDoesNotExistException', `No application found for name: ${name}`);
    return found;
  }

  /** @throws AwsError `DeploymentGroupNameRequiredException` or `DeploymentGroupDoesNotExistException` */
  group(application: string | undefined, name: string | undefined): GroupRecord {
    const groups = this.application(application);
    if (!name) throw new AwsError('DeploymentGroupNameRequiredException', 'Deployment Group name is missing');
    const found = groups.get(name);
    if (!found) {
      throw new AwsError('DeploymentGroupDoesNotExistException', `No Deployment Group found for name: ${name}`);
    }
    return found;
  }

  /** A deployment of the service is under way. */
  isDeploying({ cluster, name }: ServiceRecord): boolean {
    return this.deployments.some((one) => one.group.cluster === cluster && one.group.service === name && !isOver(one));
  }

  find(id: string): CodeDeployment | undefined {
    return this.deployments.find((deployment) => deployment.id === id);
  }

  /** @throws AwsError `DeploymentIdRequiredException`, `InvalidDeploymentIdException` or `DeploymentDoesNotExistException` */
  deployment(id: string | undefined): CodeDeployment {
    if (!id) throw new AwsError('DeploymentIdRequiredException', 'Deployment ID is missing');
    if (!/^d-[A-Z0-9]{9}$/.test(id)) {
      throw new AwsError('InvalidDeploymentIdException', `Specified DeploymentId is not in the valid format: ${id}`);
    }
    const found = this.find(id);
    if (!found) throw new AwsError('DeploymentDoesNotExistException', `The deployment ${id} could not be found`);
    return found;
  }
}
