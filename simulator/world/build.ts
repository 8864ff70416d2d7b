import type { SimulatedAccount } from '../account.ts';
import { nextChange, servingAt } from '../services/ecs/behaviour.ts';
import { buildAlarm, buildCompositeAlarm } from './build-alarm.ts';
import { buildDeploymentGroup } from './build-codedeploy.ts';
import { buildDatabases } from './build-databases.ts';
import { buildLoadBalancer, buildTargetGroup } from './build-load-balancer.ts';
import { buildRepository } from './build-registry.ts';
import { buildService } from './build-service.ts';
import { behaviourOf, register } from './definitions.ts';
import type { AccountSpec } from './spec.ts';
import { startUtilization } from './utilization.ts';
import { createWorld } from './world.ts';

/**
 * Makes everything of `spec` exist at the clock's present time, in a steady state: deployments completed, tasks
 * running, targets healthy where their behaviour is. `historyMinutes` (60) of metrics before that time are there at
 * once, as the same steady state would have published them, so an alarm created now finds data at its first
 * evaluation within a minute.
 */
export function buildWorld(account: SimulatedAccount, spec: AccountSpec): void {
  const nowMs = account.clock.now();
  const historyFromMs = Math.floor(nowMs / 60_000) * 60_000 - (spec.historyMinutes ?? 60) * 60_000;

  for (const cluster of spec.clusters ?? []) account.ecs.clusters.add(cluster);
  for (const repository of spec.repositories ?? []) buildRepository(account, repository);
  for (const { name, value, version = 1 } of spec.parameters ?? [])
    for (let write = 0; write < version; write++) account.ssm.putParameter({ name, value });
  for (const secret of spec.secrets ?? []) account.secrets.create(secret);
  for (const arn of spec.roles ?? []) account.iam.addRole({ arn, policies: [] });
  for (const group of spec.logGroups ?? []) account.logs.create(group);
  for (const file of spec.files ?? []) buildFile(account, file);
  for (const definition of spec.taskDefinitions ?? []) register(account, definition);
  for (const group of spec.targetGroups ?? []) buildTargetGroup(account, group);
  for (const loadBalancer of spec.loadBalancers ?? []) buildLoadBalancer(account, loadBalancer);
  for (const group of spec.targetGroups ?? []) {
    for (const target of group.targets ?? []) {
      const behaviour = behaviourOf(target.behaviour);
      const server = {
        behaviour: (atMs: number) => servingAt(behaviour, nowMs, atMs),
        nextChange: (atMs: number) => nextChange(behaviour, nowMs, atMs),
      };
      account.elbv2.registerTarget(group.arn, target.id, target.port ?? group.port ?? 80, server, true);
    }
  }
  for (const service of spec.services ?? []) buildService(account, service);
  if (spec.databases) buildDatabases(account, spec.databases);
  for (const group of spec.deploymentGroups ?? []) buildDeploymentGroup(account, group);

  const { traffic, series } = createWorld(account, historyFromMs);
  for (const { host, path = '/', requestsPerSecond, stickyShare = 0 } of spec.traffic ?? []) {
    if (!account.elbv2.listenerFor(host)) {
      throw new Error(`traffic goes to ${host}, which no load balancer of the account answers for`);
    }
    traffic.addSource({ host, path, requestsPerSecond, stickyShare });
  }
  traffic.start();
  startUtilization(account, historyFromMs);
  for (const one of spec.metrics ?? []) series.put({ from: `-PT${spec.historyMinutes ?? 60}M`, ...one });
  for (const alarm of spec.alarms ?? []) buildAlarm(account, alarm);
  for (const alarm of spec.compositeAlarms ?? []) buildCompositeAlarm(account, alarm);
}

function buildFile({ s3 }: SimulatedAccount, arn: string): void {
  const [bucket = '', ...key] = arn.slice('arn:aws:s3:::'.length).split('/');
  s3.createBucket({ name: bucket, versioned: false });
  s3.put(bucket, key.join('/'), '');
}
