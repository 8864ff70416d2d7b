/**
 * The rollback as shell scripts that a person can run instead, with the AWS command line. They read live rules the way
 * ShiftTraffic does, so that they stay right when a rule has changed since.
 */
import { sideOf } from './actions.ts';
import type {
  Action,
  CodeDeployGroup,
  Plan,
  RevertServiceAction,
  ScaleInAction,
  ServiceConfiguration,
  ShiftTrafficAction,
} from './model.ts';
import { copyCommands } from './scripts-copy.ts';
import { databaseCommands } from './scripts-database.ts';
import { comment, quote } from './shell.ts';
import { describeWeights, gainingGroups } from './traffic.ts';

export interface Scripts {
  readonly database: string;
  readonly application: string;
  readonly infrastructure: string;
  /** Puts back what was there before. */
  readonly undo: string;
}

/** @param plan null, or one without actions, gives scripts that say that there is nothing to do */
export function scriptsFor(configuration: ServiceConfiguration, plan: Plan | null): Scripts {
  const actions = plan?.actions ?? [];
  const because = !plan
    ? 'the rollback ended before there was a plan'
    : actions.length > 0
      ? 'the plan has no such action'
      : `the plan has no action. ${plan.reason}`;
  const now = actions.filter((action) => !action.afterVerification);
  const shift = now.findIndex(({ type }) => type === 'ShiftTraffic');
  // Companions of two sides follow the traffic.
  const [first, then] = shift < 0 ? [now, []] : [now.slice(0, shift), now.slice(shift)];
  const forward = (some: readonly Action[], ...types: Action['type'][]): string[] =>
    some.filter(({ type }) => types.includes(type)).map((action) => commands(configuration, action, 'forward'));
  const later = actions
    .filter((action) => action.afterVerification)
    .map((action) => afterwards(commands(configuration, action, 'forward')));
  // A snapshot is kept, whatever becomes of the rollback. Undone at once, a shift in steps is undone as a whole.
  const firstShift = actions.find(({ type }) => type === 'ShiftTraffic');
  const undo = actions
    .toReversed()
    .filter((action) => action.reverse !== null && (action.type !== 'ShiftTraffic' || action === firstShift))
    .map((action) => commands(configuration, action, 'reverse'));
  const script = (what: string, parts: readonly string[]): string =>
    parts.length > 0 ? render(configuration, what, parts) : nothing(what, because);
  return {
    database:
      forward(now, 'StartSnapshot').length > 0
        ? script('database', forward(now, 'StartSnapshot'))
        : nothing('database', 'this rollback changes no database'),
    application: script('application', forward(first, 'RevertService')),
    infrastructure: script('infrastructure', [...forward(then, 'ShiftTraffic', 'RevertService'), ...later]),
    undo: script('undo', undo),
  };
}

/** Turns live actions into those to send, given `$weights` and `$sticky`. The same as `changeWeights`. */
export const jqProgram = `map(
  if .Type == "forward" then
    (if (.ForwardConfig.TargetGroups // []) == [] then [{TargetGroupArn, Weight: 1}] else .ForwardConfig.TargetGroups end
      | map({key: .TargetGroupArn, value: (.Weight // 1)}) | from_entries) as $live
    | del(.TargetGroupArn)
    | .ForwardConfig.TargetGroups = ($live + $weights | to_entries | map({TargetGroupArn: .key, Weight: .value}))
    | .ForwardConfig.TargetGroupStickinessConfig = $sticky
  elif .AuthenticateOidcConfig then
    .AuthenticateOidcConfig |= (del(.ClientSecret) | .UseExistingClientSecret = true)
  else . end)`;

type Direction = 'forward' | 'reverse';

function commands(configuration: ServiceConfiguration, action: Action, direction: Direction): string {
  switch (action.type) {
    case 'RevertService':
      return revertCommands(configuration, action, direction);
    case 'ShiftTraffic':
      return shiftCommands(action, direction);
    case 'ScaleIn':
      return scaleCommands(configuration, action, direction);
    case 'StartSnapshot':
      return databaseCommands(action, quote);
  }
}

/** Commands for later, each behind a `#`: run with the others they would take away what could be gone back to. */
const afterwards = (text: string): string =>
  [
    comment('Only once the rollback has proven itself:'),
    ...text.split('\n').map((line) => (line.startsWith('#') ? line : `# ${line}`)),
  ].join('\n');

/** "Stable" alone is not enough: a service that ECS took back is stable too. */
function revertCommands(
  configuration: ServiceConfiguration,
  action: RevertServiceAction,
  direction: Direction,
): string {
  const { cluster, service } = sideOf(configuration, action.side);
  const where = `--cluster ${quote(cluster)}`;
  const to = action[direction];
  const wanted = 'register' in to ? '"$copy"' : quote(to.taskDefinition);
  const primary = quote("services[0].deployments[?status=='PRIMARY'].taskDefinition | [0]");
  const ended = direction === 'forward' ? endCommands(action) : undefined;
  const codeDeploy = sideOf(configuration, action.side).codeDeploy;
  if (codeDeploy && ended === undefined) {
    return [
      comment(direction === 'forward' ? action.description : `Undo: ${action.description}`),
      ...('register' in to ? copyCommands(to.register) : []),
      ...deployCommands(codeDeploy, wanted),
    ].join('\n');
  }
  if (ended !== undefined) return [comment(action.description), ...ended].join('\n');
  return [
    comment(direction === 'forward' ? action.description : `Undo: ${action.description}`),
    ...('register' in to ? copyCommands(to.register) : []),
    `aws ecs update-service ${where} --service ${quote(service)} --task-definition ${wanted} --query service.taskDefinition --output text`,
    `aws ecs wait services-stable ${where} --services ${quote(service)}`,
    `found=$(aws ecs describe-services ${where} --services ${quote(service)} --query ${primary} --output text)`,
    `[ "$found" = ${wanted} ] || { echo "ECS runs $found instead: see the service's events" >&2; exit 1; }`,
  ].join('\n');
}

/** Ends the deployment that the plan found, where its way back is the cure; undefined where it is another. */
function endCommands({ by, deployment }: RevertServiceAction): string[] | undefined {
  if (deployment === undefined) return undefined;
  const found = quote(deployment);
  switch (by) {
    case 'stop-service-deployment':
    case 'continue-hook-rollback':
      return [
        comment('Refused once it is over: then update the service to the target.'),
        `aws ecs stop-service-deployment --service-deployment-arn ${found} --stop-type ROLLBACK`,
        `aws ecs describe-service-deployments --service-deployment-arns ${found} --query ${quote('serviceDeployments[0].[status,statusReason]')} --output text`,
      ];
    case 'codedeploy-stop':
      return [
        comment('Refused once it is over: then deploy the target.'),
        `aws deploy stop-deployment --deployment-id ${found} --auto-rollback-enabled`,
        `aws deploy get-deployment --deployment-id ${found} --query ${quote('deploymentInfo.[status,rollbackInfo.rollbackDeploymentId]')} --output text`,
      ];
    default:
      return undefined;
  }
}

/** What the last successful deployment deployed, with another task definition, all at once and whatever alarms are on. */
function deployCommands({ application, group }: CodeDeployGroup, wanted: string): string[] {
  const where = `--application-name ${quote(application)} --deployment-group-name ${quote(group)}`;
  const spec =
    '.revision.appSpecContent.content | fromjson | .Resources[].TargetService.Properties.TaskDefinition = $wanted | tojson';
  return [
    comment('Needs jq, and an AppSpec in JSON; a group deploys one at a time.'),
    `last=$(aws deploy get-deployment-group ${where} --query deploymentGroupInfo.lastSuccessfulDeployment.deploymentId --output text)`,
    `content=$(aws deploy get-deployment --deployment-id "$last" --query deploymentInfo --output json | jq -r --arg wanted ${wanted} ${quote(spec)})`,
    'revision=$(jq -n --arg content "$content" \'{revisionType: "AppSpecContent", appSpecContent: {content: $content}}\')',
    `id=$(aws deploy create-deployment ${where} --deployment-config-name CodeDeployDefault.ECSAllAtOnce --revision "$revision" --override-alarm-configuration enabled=false --query deploymentId --output text)`,
    'aws deploy wait deployment-successful --deployment-id "$id"',
  ];
}

function scaleCommands(configuration: ServiceConfiguration, action: ScaleInAction, direction: Direction): string {
  const { cluster, service } = sideOf(configuration, action.side);
  return [
    comment(direction === 'forward' ? action.description : `Undo: ${action.description}`),
    `aws ecs update-service --cluster ${quote(cluster)} --service ${quote(service)} --desired-count ${action[direction].desiredCount} --query service.desiredCount`,
    `aws ecs wait services-stable --cluster ${quote(cluster)} --services ${quote(service)}`,
  ].join('\n');
}

function shiftCommands(action: ShiftTrafficAction, direction: Direction): string {
  const rules = action[direction];
  const gaining = direction === 'forward' ? action : { forward: action.reverse, reverse: action.forward };
  const health = gainingGroups(gaining).map(
    (group) =>
      `aws elbv2 describe-target-health --target-group-arn ${quote(group)} --query ${quote('TargetHealthDescriptions[].[Target.Id,TargetHealth.State]')} --output table`,
  );
  const changes = rules.map((rule) => {
    const listener = rule.rule.includes(':listener/');
    const [read, write] = listener
      ? [
          `describe-listeners --listener-arns ${quote(rule.rule)} --query ${quote('Listeners[0].DefaultActions')}`,
          `modify-listener --listener-arn ${quote(rule.rule)} --default-actions`,
        ]
      : [
          `describe-rules --rule-arns ${quote(rule.rule)} --query ${quote('Rules[0].Actions')}`,
          `modify-rule --rule-arn ${quote(rule.rule)} --actions`,
        ];
    const { enabled, durationSeconds } = rule.stickiness;
    const sticky = enabled ? { Enabled: true, DurationSeconds: durationSeconds } : { Enabled: false };
    return [
      comment(describeWeights(rule.weights)),
      `aws elbv2 ${read} --output json > "$work/before.json"`,
      `jq --argjson weights ${quote(JSON.stringify(rule.weights))} --argjson sticky ${quote(JSON.stringify(sticky))} ${quote(jqProgram)} "$work/before.json" > "$work/after.json"`,
      `aws elbv2 ${write} "file://$work/after.json" > /dev/null`,
    ].join('\n');
  });
  return [
    comment(direction === 'forward' ? action.description : `Undo: ${action.description}`),
    comment('Look first: the group that receives the traffic needs healthy targets.'),
    ...health,
    'work=$(mktemp -d)',
    ...changes,
    ...(direction === 'forward' && action.gate ? held(action.gate) : []),
  ].join('\n');
}

const held = ({ percent, holdSeconds }: NonNullable<ShiftTrafficAction['gate']>): string[] => [
  comment(`Look at the side with ${percent} % meanwhile. Ctrl-C stops here, and undo.sh goes back.`),
  `sleep ${holdSeconds}`,
];

/** The wrong account is the one mistake that no later check would find. */
function render(
  { account, region, service, environment }: ServiceConfiguration,
  what: string,
  parts: readonly string[],
): string {
  return `${[
    '#!/usr/bin/env bash',
    comment(`${service} in ${environment}: ${titles[what] ?? what}`),
    'set -euo pipefail',
    `export AWS_REGION=${quote(region)} AWS_PAGER=`,
    `[ "$(aws sts get-caller-identity --query Account --output text)" = ${quote(account)} ] || { echo ${quote(`These are not credentials of account ${account}.`)} >&2; exit 1; }`,
    '',
    parts.join('\n\n'),
  ].join('\n')}\n`;
}

const titles: Readonly<Record<string, string>> = {
  database:
    'take the snapshot of the database. Run it first; with the argument restore it makes a new database from it.',
  application: 'put the ECS service on the target task definition. Run it before infrastructure.sh.',
  infrastructure: 'move the traffic. Needs jq. Run it after application.sh.',
  undo: 'put back what was there before the rollback.',
};

const nothing = (what: string, why: string): string => `${comment(`${what}: nothing to do, ${why}`)}\n`;
