import type {
  DescribeClustersRequest,
  DescribeClustersResponse,
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  DescribeServicesRequest,
  DescribeServicesResponse,
  DescribeTasksRequest,
  DescribeTasksResponse,
  Failure,
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse,
  ListServicesRequest,
  ListServicesResponse,
  ListTasksRequest,
  ListTasksResponse,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError, type Operation } from '../../service.ts';
import type { Ecs } from '../ecs.ts';
import { pageOf } from '../paging.ts';
import { showService, showTask } from './show.ts';
import { clusterArn, withService } from './show-common.ts';
import { showBrief, showRevision, showServiceDeployment } from './show-deployments.ts';
import { passedRoles } from './update-service.ts';

/** Service deployments can be read for 90 days; only ECS itself makes any. */
const retentionMs = 90 * 86_400_000;

const shortName = (reference: string): string => reference.split('/').at(-1) ?? reference;

export function serviceOperations(ecs: Ecs, account: SimulatedAccount): Record<string, Operation> {
  const serviceArn = (cluster: string | undefined, service: string) =>
    account.arn('ecs', `service/${shortName(cluster ?? 'default')}/${shortName(service)}`);
  const missing = (arn: string): Failure => ({ arn, reason: 'MISSING' });

  /** Condition key of every call that names a cluster. */
  const conditions = ({ cluster }: { cluster?: string | undefined }) => ({
    'ecs:cluster': clusterArn(account, shortName(cluster ?? 'default')),
  });

  const describeServices: Operation<DescribeServicesRequest, DescribeServicesResponse> = {
    conditions,
    resources: ({ cluster, services = [] }) => services.map((service) => serviceArn(cluster, service)),
    run({ cluster, services: names = [], include = [] }) {
      if (names.length === 0) throw new AwsError('InvalidParameterException', 'Services cannot be empty.');
      if (names.length > 10)
        throw new AwsError('InvalidParameterException', 'Services cannot have more than 10 entries.');
      ecs.requireCluster(cluster);
      const found = names.map((name) => ({ name, service: ecs.findService(cluster, name) }));
      return {
        services: found.flatMap(({ service }) =>
          service
            ? [{ ...showService(account, service), ...(include.includes('TAGS') ? { tags: [...service.tags] } : {}) }]
            : [],
        ),
        failures: found.flatMap(({ name, service }) => (service ? [] : [missing(serviceArn(cluster, name))])),
      };
    },
  };

  const updateService: Operation<UpdateServiceRequest, UpdateServiceResponse> = {
    conditions,
    resources: ({ cluster, service }) => [serviceArn(cluster, service ?? '')],
    run(input, { principal }) {
      const roles = passedRoles(input);
      if (roles.length > 0) {
        account.iam.authorize(principal, 'iam:PassRole', roles, { 'iam:PassedToService': 'ecs.amazonaws.com' });
      }
      return { service: showService(account, ecs.updateService(input)) };
    },
  };

  const listServices: Operation<ListServicesRequest, ListServicesResponse> = {
    conditions,
    resources: () => ['*'],
    run({ cluster, nextToken, maxResults }) {
      const name = ecs.requireCluster(cluster);
      const arns = ecs.services.filter((service) => service.cluster === name).map(({ arn }) => arn);
      const { page, next } = pageOf(arns, nextToken, maxResults ?? 10);
      return { serviceArns: page, ...token(next) };
    },
  };

  const listTasks: Operation<ListTasksRequest, ListTasksResponse> = {
    conditions,
    resources: () => ['*'],
    run({ cluster, serviceName, family, desiredStatus = 'RUNNING', nextToken, maxResults }) {
      const name = ecs.requireCluster(cluster);
      if (serviceName !== undefined) ecs.requireService(cluster, serviceName);
      const arns = ecs.services
        .filter((service) => service.cluster === name)
        .filter((service) => serviceName === undefined || service.name === shortName(serviceName))
        .flatMap(({ tasks }) => tasks)
        .filter(({ definition }) => family === undefined || definition.family === family)
        .filter((task) => showTask(account, task).desiredStatus === desiredStatus)
        .map(({ arn }) => arn);
      const { page, next } = pageOf(arns, nextToken, maxResults ?? 100);
      return { taskArns: page, ...token(next) };
    },
  };

  const describeTasks: Operation<DescribeTasksRequest, DescribeTasksResponse> = {
    conditions,
    resources: ({ cluster, tasks = [] }) =>
      tasks.map((task) => account.arn('ecs', `task/${shortName(cluster ?? 'default')}/${shortName(task)}`)),
    run({ cluster, tasks: wanted = [] }) {
      const name = ecs.requireCluster(cluster);
      const all = ecs.services.filter((service) => service.cluster === name).flatMap(({ tasks }) => tasks);
      const found = wanted.map((task) => ({ task, record: all.find(({ id }) => id === shortName(task)) }));
      return {
        tasks: found.flatMap(({ record }) => (record ? [showTask(account, record)] : [])),
        failures: found.flatMap(({ task, record }) =>
          record ? [] : [missing(account.arn('ecs', `task/${name}/${shortName(task)}`))],
        ),
      };
    },
  };

  const describeClusters: Operation<DescribeClustersRequest, DescribeClustersResponse> = {
    resources: ({ clusters = ['default'] }) => clusters.map((cluster) => clusterArn(account, shortName(cluster))),
    run({ clusters = ['default'] }) {
      const known = clusters.filter((cluster) => ecs.clusters.has(shortName(cluster)));
      return {
        clusters: known.map((cluster) => {
          const own = ecs.services.filter((service) => service.cluster === shortName(cluster));
          const count = (status: string) =>
            own.flatMap(({ tasks }) => tasks).filter(({ lastStatus }) => lastStatus === status).length;
          return {
            clusterArn: clusterArn(account, shortName(cluster)),
            clusterName: shortName(cluster),
            status: 'ACTIVE',
            registeredContainerInstancesCount: 0,
            runningTasksCount: count('RUNNING'),
            pendingTasksCount: count('PENDING'),
            activeServicesCount: own.length,
          };
        }),
        failures: clusters
          .filter((cluster) => !known.includes(cluster))
          .map((cluster) => missing(clusterArn(account, shortName(cluster)))),
      };
    },
  };

  const recent = ({ createdMs }: { createdMs: number }) => createdMs > account.clock.now() - retentionMs;

  const listServiceDeployments: Operation<ListServiceDeploymentsRequest, ListServiceDeploymentsResponse> = {
    conditions,
    resources: ({ cluster, service }) => [serviceArn(cluster, service ?? '')],
    run({ cluster, service: name, status, createdAt, nextToken, maxResults }) {
      const service = ecs.requireService(cluster, name ?? '');
      const found = (service.controller === 'ECS' ? service.serviceDeployments : [])
        .filter(recent)
        .filter((record) => !status?.length || status.includes(record.status))
        .filter((record) => !createdAt?.after || record.createdMs > createdAt.after.getTime())
        .filter((record) => !createdAt?.before || record.createdMs < createdAt.before.getTime());
      const { page, next } = pageOf(found, nextToken, maxResults ?? 20);
      return { serviceDeployments: page.map((record) => showBrief(account, service, record)), ...token(next) };
    },
  };

  const describeServiceDeployments: Operation<DescribeServiceDeploymentsRequest, DescribeServiceDeploymentsResponse> = {
    resources: ({ serviceDeploymentArns = [] }) => withService(serviceDeploymentArns),
    run({ serviceDeploymentArns: arns = [] }) {
      if (arns.length > 20) throw new AwsError('InvalidParameterException', 'At most 20 service deployments.');
      const found = arns.map((arn) => {
        const found = ecs.findServiceDeployment(arn);
        const visible = found?.service.controller === 'ECS' && recent(found.record);
        return { arn, shown: visible ? showServiceDeployment(account, found.service, found.record) : undefined };
      });
      return {
        serviceDeployments: found.flatMap(({ shown }) => shown ?? []),
        failures: found.flatMap(({ arn, shown }) => (shown ? [] : [missing(arn)])),
      };
    },
  };

  const describeServiceRevisions: Operation<DescribeServiceRevisionsRequest, DescribeServiceRevisionsResponse> = {
    resources: ({ serviceRevisionArns = [] }) => withService(serviceRevisionArns),
    run({ serviceRevisionArns: arns = [] }) {
      if (arns.length > 20) throw new AwsError('InvalidParameterException', 'At most 20 service revisions.');
      const found = arns.map((arn) => {
        for (const service of ecs.services) {
          const revision = ecs
            .revisionsOf(service)
            .filter(recent)
            .find((one) => one.arn === arn);
          if (revision) return { arn, shown: showRevision(account, service, revision) };
        }
        return { arn, shown: undefined };
      });
      return {
        serviceRevisions: found.flatMap(({ shown }) => shown ?? []),
        failures: found.flatMap(({ arn, shown }) => (shown ? [] : [missing(arn)])),
      };
    },
  };

  return {
    DescribeServices: describeServices,
    UpdateService: updateService,
    ListServices: listServices,
    ListTasks: listTasks,
    DescribeTasks: describeTasks,
    DescribeClusters: describeClusters,
    ListServiceDeployments: listServiceDeployments,
    DescribeServiceDeployments: describeServiceDeployments,
    DescribeServiceRevisions: describeServiceRevisions,
  };
}

const token = (next: string | undefined) => (next === undefined ? {} : { nextToken: next });
