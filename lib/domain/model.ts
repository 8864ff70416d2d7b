/**
 * The vocabulary of Backstep as types: what every layer passes to every other.
 *
 * Units are in the field names. Times are ISO 8601 strings in UTC (`2026-11-20T03:04:05.000Z`), because these shapes
 * cross the state machine as JSON. Nothing here knows AWS's SDK; ARNs are plain strings.
 */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

// ---------------------------------------------------------------- configuration, compiled per service

/** One ECS service (and its target group) that can serve the protected service. */
export interface Side {
  readonly name: string;
  readonly cluster: string;
  readonly service: string;
  /** Absent for workers that no load balancer reaches. */
  readonly targetGroup?: string;
  /** The other target group, where ECS or CodeDeploy moves the service's traffic between two. */
  readonly alternateTargetGroup?: string;
  /** CodeDeploy's deployment group, where CodeDeploy deploys the service. */
  readonly codeDeploy?: CodeDeployGroup;
}

/** Another ECS service that is deployed together with the protected one and carries no traffic of its rules. */
export interface Companion extends Pick<Side, 'name' | 'cluster' | 'service'> {
  /** Names of the companions, and of the only side, that it calls: it is reverted before them. */
  readonly dependsOn: readonly string[];
}

export interface CodeDeployGroup {
  readonly application: string;
  readonly group: string;
}

export interface Probe {
  readonly url: string;
  readonly expectStatus: number;
  readonly timeoutMs: number;
}

export type Strategy = 'auto' | 'rolling' | 'blue-green' | 'canary' | 'instant' | 'flags';
export type Scope = 'app' | 'app-db' | 'full';

/** Percentages of the service's traffic that the target's side gets, one after the other; the last is 100. */
export type TrafficSteps = Readonly<Record<'blue-green' | 'canary', readonly number[]>>;

export interface Policy {
  readonly strategy: Strategy;
  readonly scope: Scope;
  readonly backup: 'required' | 'preferred' | 'off';
  /** The snapshot must be available, not only accepted, before the first change. */
  readonly awaitBackup: boolean;
  /** A snapshot that takes longer is a finding; a required one then needs a person. */
  readonly snapshotMinutes: number;
  /** What a database means whose migrations since the target nobody has looked at. */
  readonly unknownMigrations: 'ask' | 'proceed' | 'block';
  /** How long a person has to answer. */
  readonly approvalMinutes: number;
  /** What no answer means. */
  readonly approvalDefault: 'decline' | 'approve';
  readonly steps: TrafficSteps;
  /** How long each step but the last is held at least, before its health counts. */
  readonly stepSeconds: number;
  /** What becomes of the side that the traffic left, once the rollback is verified. */
  readonly badSide: 'leave' | 'scale-in' | 'revert';
  /** What a deployment means that somebody else begins while ours is under way: stop there, or follow that one. */
  readonly foreignDeployment: 'halt' | 'adopt';
  /** `previous` may pass over a good release that cannot be started any more, for an older good one. */
  readonly furtherBack: boolean;
  readonly bakeMinutes: number;
  readonly attributionMinutes: number;
  readonly cooldownMinutes: number;
  readonly rollbacksPerDay: number;
}

/** What stands in for a measured baseline until one exists. */
export interface BaselineFallback {
  readonly errorRatePercent: number;
  readonly p95ResponseTimeMs: number;
}

/** Everything that the Lambdas know about one protected service. Stored content-addressed in the bucket. */
export interface ServiceConfiguration {
  readonly environment: string;
  readonly account: string;
  readonly region: string;
  /** A manual start needs the phrase `ROLLBACK PRODUCTION`. */
  readonly production: boolean;
  readonly service: string;
  readonly sides: readonly Side[];
  /** In order of their names; absent where there are none. */
  readonly companions?: readonly Companion[];
  /** Listener-rule ARNs, or listener ARNs for a default action. Empty for workers. */
  readonly traffic: { readonly rules: readonly string[] };
  readonly database?: { readonly instance: string } | { readonly cluster: string };
  readonly health: {
    readonly probes: readonly Probe[];
    /** Fewer requests than this in a period say nothing about error rate or latency. */
    readonly minimumRequestsPerMinute: number;
  };
  readonly baseline: BaselineFallback;
  readonly policy: Policy;
  readonly contacts: Readonly<Record<string, Contact>>;
  readonly triggers: readonly CompiledTrigger[];
  /** Alarms that somebody else made, by name; absent where there are none. */
  readonly adoptedAlarms?: readonly AdoptedAlarm[];
  /** Where people find what to do about an alarm; the alarms' descriptions link to it. */
  readonly runbookUrl?: string;
  readonly runbook: RunbookReference;
  /** Other services of the environment, 20 at most: what hits them in the same minutes is no release of this one. */
  readonly neighbours?: readonly Neighbour[];
}

/** Another service, as the load balancer counts it. */
export interface Neighbour {
  readonly service: string;
  /** CloudWatch's dimensions of each of its target groups. */
  readonly groups: readonly Readonly<Record<string, string>>[];
}

export type Audience = 'technical' | 'business' | 'executive';

export interface Contact {
  readonly email?: string;
  readonly audience: Audience;
}

export interface RunbookReference {
  /** As written in backstep.json. */
  readonly path: string;
  readonly runbookId: string;
  /** SHA-256 of the file's bytes, hexadecimal. */
  readonly sha256: string;
  /** The whole document, losslessly, unknown fields included. */
  readonly document: Json;
}

// ---------------------------------------------------------------- triggers

/** A CloudWatch metric as an alarm or a query names it. */
export interface MetricSource {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `Sum`, `Average`, `Minimum`, `Maximum`, `p95`, … */
  readonly statistic: string;
}

export interface AlarmQuery {
  readonly id: string;
  readonly label?: string;
  readonly metric?: MetricSource;
  readonly expression?: string;
  readonly returnData: boolean;
}

export type Comparison =
  | 'GreaterThanThreshold'
  | 'GreaterThanOrEqualToThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** A CloudWatch alarm, decided; the construct only writes it down. */
export interface AlarmDefinition {
  /** `backstep/<environment>/<service>/<triggerId>[/<part>]`. */
  readonly name: string;
  /** At most 1,024 characters; says what fires, why so, whether it rolls back, and what to do. */
  readonly description: string;
  readonly queries: readonly AlarmQuery[];
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
  /** The side that the alarm watches, where it watches one. */
  readonly side?: string;
  /** Where the limit follows the published baseline. `threshold` then is the limit without one. */
  readonly limit?: MovingLimit;
}

/**
 * A limit that follows the published baseline: max(floor, factor x baseline). The alarm compares a scaled series with
 * its constant threshold; these queries of it hold the real numbers, in the metric's unit.
 */
export interface MovingLimit {
  readonly measuredId: string;
  /** The limit of each minute. */
  readonly limitId: string;
  /** The published baseline of each minute, 0 where none is. */
  readonly publishedId: string;
  readonly factor: number;
  readonly floor: number;
}

/** An alarm that Backstep did not make and yet starts from: a metric alarm or a composite one. */
export interface AdoptedAlarm {
  /** CloudWatch's name of it. */
  readonly name: string;
  /** A trigger of the runbook that it stands for, else the alarm's own name. */
  readonly triggerId: string;
  /** `true` rolls back by itself; `false` asks a person. */
  readonly autoExecute: boolean;
  /** The side that it watches, where it watches one. */
  readonly side?: string;
}

export interface CompiledTrigger {
  readonly triggerId: string;
  readonly name: string;
  /** The runbook's own words, e.g. `error_rate > baseline * 5 for 5 minutes`. */
  readonly condition: string;
  /** The runbook's name of what it watches, e.g. `error_rate`; absent where that cannot be read. */
  readonly metric?: string;
  readonly compiled: boolean;
  /** How it was compiled (thresholds, baseline fallback), or why it was not. */
  readonly reason: string;
  /** `true` rolls back by itself; `false` asks a person. */
  readonly autoExecute: boolean;
  readonly escalationContacts: readonly string[];
  readonly alarms: readonly AlarmDefinition[];
}

// ---------------------------------------------------------------- requests and admission

/** The execution input after parsing: the same names as the command line's flags. */
export interface RollbackRequest {
  readonly service: string;
  /** `previous`, a release's version, `revision-N`, a task definition ARN, or a commit. */
  readonly version: string;
  readonly strategy: Strategy;
  readonly scope: Scope;
  readonly backup: boolean;
  /** Bounds mitigation, from the lock to the first healthy verdict. Absent: derived from the service. */
  readonly timeoutSeconds?: number;
  readonly dryRun: boolean;
  readonly reason: string;
  readonly confirmed: boolean;
  /** Id of the rollback whose lock a person takes, whatever became of it. */
  readonly takeOver?: string;
  /** Present when an alarm that CloudWatch confirms started it. */
  readonly trigger?: AlarmTrigger;
}

export interface AlarmTrigger {
  readonly alarmName: string;
  readonly alarmArn: string;
  readonly time: string;
  readonly eventId: string;
  readonly triggerId: string;
  readonly autoExecute: boolean;
  /** The side that the alarm watches; absent where it watches all. */
  readonly side?: string;
  /** When what the alarm tells of began, as far as its bad minutes say, ISO 8601; absent where only its event is known. */
  readonly troubleSince?: string;
}

/** Every end of an execution but `InvalidInput`. */
export const outcomes = [
  'verified',
  'ready',
  'already-at-target',
  'duplicate',
  'observed',
  'declined',
  'blocked',
  'halted',
  'needs-attention',
] as const;

export type Outcome = (typeof outcomes)[number];

/** What every state after Admit is told about the rollback it belongs to. */
export interface RollbackContext {
  readonly rollbackId: string;
  readonly service: string;
  readonly environment: string;
  readonly executionArn: string;
  readonly startedAt: string;
  /** S3 key of the pinned ServiceConfiguration. */
  readonly configurationKey: string;
  readonly configurationSha256: string;
  /** Absent when no lock was taken (observed, duplicate). */
  readonly fencingToken?: number;
  /** Nothing is read or changed before, ISO 8601: the lock was taken from a rollback whose last Lambda may run until then. */
  readonly settledAt?: string;
  /** Why a person is asked first, although the request by itself might change things; absent where nobody is. */
  readonly asksBecause?: string;
  readonly request: RollbackRequest;
}

// ---------------------------------------------------------------- releases, checkpoint, plan

/** One container's image as it ran. */
export interface ContainerImage {
  readonly container: string;
  readonly image: string;
  readonly digest?: string;
}

/** One recorded state of one side or companion, newest first in the ledger. */
export interface Release {
  readonly service: string;
  /** Name of the side, or of the companion. */
  readonly side: string;
  /** The image tag, or `family:revision` where the image has none. */
  readonly version: string;
  readonly taskDefinition: string;
  readonly images: readonly ContainerImage[];
  /** When the deployment that brought it into service began. */
  readonly deployedAt: string;
  readonly status: 'unverified' | 'assumed-good' | 'good' | 'bad';
  readonly deploymentId?: string;
  /** Where a container's labels name one. */
  readonly commit?: string;
  /** Versions of what its definition's secrets name, as they were when it was deployed; never values. */
  readonly configuration?: readonly ConfigurationVersion[];
  /** In the bucket: the task definition as it was registered. */
  readonly definitionKey?: string;
  /** Weights and group stickiness of the service's rules when it had come into service. */
  readonly rules?: readonly RuleWeights[];
  /** Tasks that its ECS service wanted then. */
  readonly desiredCount?: number;
  /** Application Auto Scaling's bounds then; absent where nothing scaled it, or nobody could tell. */
  readonly scaling?: { readonly minimum: number; readonly maximum: number };
  /** What a pipeline calls it. `version` stays what the image's tag says, by which two sides know the same code. */
  readonly registeredVersion?: string;
  /** Of the database, in the pipeline's words. */
  readonly schemaVersion?: string;
  /** Migrations that came with it, as a pipeline told; an empty list says that none did, absent that nobody told. */
  readonly migrations?: readonly Migration[];
  /** What a person said of it, where that counts: it is newer than what a rollback found. */
  readonly marked?: ReleaseMark;
}

/** What a migration leaves for older code: all that it had, less than that, or the schema as it was. */
export const migrationKinds = ['additive', 'destructive', 'none'] as const;

export interface Migration {
  readonly name: string;
  readonly kind: (typeof migrationKinds)[number];
}

export interface ReleaseMark {
  readonly status: 'good' | 'bad';
  /** ARN of who said so, as AWS knows it. */
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface ConfigurationVersion {
  /** Name or ARN of a parameter, or ARN of a secret. */
  readonly name: string;
  readonly versionId: string;
}

/** One rollback as the ledger remembers it, for cooldown, daily budget and telling our own deployments from releases. */
export interface RollbackRecord {
  readonly rollbackId: string;
  readonly service: string;
  readonly executionArn: string;
  readonly startedAt: string;
  /** Started by an alarm that rolls back by itself. */
  readonly automatic: boolean;
  /** True once a plan with actions was decided on. */
  readonly executes?: boolean;
  /** Side -> task definition that this rollback puts there. */
  readonly reverts?: Readonly<Record<string, string>>;
  /** Side -> the release that a copy of its task definition brings back, where the definition itself could not. */
  readonly copies?: Readonly<Record<string, Pick<Release, 'taskDefinition' | 'images'>>>;
  /** Side -> task definition that it went back to, where this rollback was undone: what ran before runs again. */
  readonly undid?: Readonly<Record<string, string>>;
  readonly outcome?: Outcome;
  readonly endedAt?: string;
  /** Whether it was stopped, timed out or broke off before it had an outcome of its own: nobody judged what it came to. */
  readonly unfinished?: boolean;
  /** What it was going to. */
  readonly goal?: Pick<Release, 'side' | 'taskDefinition'>;
}

export interface RuleWeights {
  readonly rule: string;
  /** Target group ARN -> weight 0..999. */
  readonly weights: Readonly<Record<string, number>>;
  readonly stickiness: { readonly enabled: boolean; readonly durationSeconds?: number };
}

export interface SideState {
  readonly side: string;
  readonly taskDefinition: string;
  readonly version: string;
  readonly deploymentStartedAt: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly healthyTargets: number;
  readonly controller: 'ECS' | 'CODE_DEPLOY' | 'EXTERNAL';
  readonly rolloutState: string;
}

/** The before-image. Kept under a key of its own; task environments appear in it and nowhere else. */
export interface Checkpoint {
  readonly rollbackId: string;
  readonly takenAt: string;
  /** Companions last. */
  readonly sides: readonly SideState[];
  readonly rules: readonly RuleWeights[];
  /** As AWS returned them, for a person who has to restore by hand. */
  readonly documents: Readonly<Record<string, Json>>;
}

export type ActionType =
  | 'StartSnapshot'
  | 'ShiftTraffic'
  | 'RevertService'
  | 'ScaleIn'
  | 'RestoreConfiguration'
  | 'SwitchDns'
  | 'ReverseMigration';

interface ActionBase {
  /** `1`, `2`, … in the plan's order. */
  readonly id: string;
  readonly description: string;
  readonly reason: string;
  /** Only done once the rollback is verified: it takes away what could be gone back to. */
  readonly afterVerification?: true;
}

/** Set every rule to these weights, with group stickiness off while they hold. */
export interface ShiftTrafficAction extends ActionBase {
  readonly type: 'ShiftTraffic';
  readonly toSide: string;
  readonly forward: readonly RuleWeights[];
  readonly reverse: readonly RuleWeights[];
  /** Present on every step but the last: the receiving side must prove itself before it gets more. */
  readonly gate?: {
    /** Share of the service's traffic that this step gives, 1..99. */
    readonly percent: number;
    /** Not judged earlier than this after the weights were set. */
    readonly holdSeconds: number;
  };
}

export type RevertBy =
  | 'update-service'
  | 'stop-service-deployment'
  | 'continue-hook-rollback'
  | 'codedeploy-stop'
  | 'codedeploy-create'
  | 'join';

/** Put one ECS service on a task definition. */
export interface RevertServiceAction extends ActionBase {
  readonly type: 'RevertService';
  /** Name of the side, or of the companion. */
  readonly side: string;
  /** How, by what the plan found; RevertService looks again and says where it does otherwise. */
  readonly by: RevertBy;
  /** What the plan found under way: ARN of a service deployment, or CodeDeploy's id; absent where nothing was. */
  readonly deployment?: string;
  /** ECS or CodeDeploy moves the service's traffic as well: each deployment changes which target group serves. */
  readonly ownsTraffic?: true;
  readonly forward: { readonly taskDefinition: string } | { readonly register: CopyOrder };
  readonly reverse: { readonly taskDefinition: string };
}

/** A task definition to be registered once, since what it is a copy of cannot bring the release back itself. */
export interface CopyOrder {
  /** ARN of the definition that is copied. */
  readonly of: string;
  /** In the bucket: the request to register it, beside the checkpoints, since it holds environments. */
  readonly key: string;
  /** Of that document, hexadecimal. */
  readonly sha256: string;
  /** Container -> `repository@sha256:…`, where the image is another than in the original. */
  readonly images: Readonly<Record<string, string>>;
  /** Why the original does not do, as a sentence. */
  readonly why: string;
}

/** Take a snapshot of the database, so that whatever follows can be looked at against what was. */
export interface StartSnapshotAction extends ActionBase {
  readonly type: 'StartSnapshot';
  readonly forward: {
    readonly kind: 'instance' | 'cluster';
    /** Identifier of the instance or cluster that is snapshot. */
    readonly source: string;
    readonly snapshot: string;
  };
  /** Nothing to undo: a snapshot is kept. */
  readonly reverse: null;
  /** Refused or failed, it stops the rollback; else it is only told. */
  readonly required: boolean;
  /** The next action waits until it is available. */
  readonly awaits: boolean;
}

/** Set the desired count of the side that the traffic left. */
export interface ScaleInAction extends ActionBase {
  readonly type: 'ScaleIn';
  readonly side: string;
  readonly forward: { readonly desiredCount: number };
  readonly reverse: { readonly desiredCount: number };
}

export type Action = StartSnapshotAction | ShiftTrafficAction | RevertServiceAction | ScaleInAction;

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** Who manages an ECS service, a listener or a rule, as far as its tags say. */
export interface Manager {
  /** ARN of what is managed. */
  readonly resource: string;
  readonly by: 'cloudformation' | 'terraform' | 'unknown';
  /** Of CloudFormation. */
  readonly stack?: string;
  readonly logicalId?: string;
  /** What says so, as a sentence. */
  readonly evidence: string;
}

export type CheckStatus = 'ok' | 'warning' | 'failed' | 'not checked';

export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** One sentence with the numbers or names that decide it. */
  readonly evidence: string;
}

/** What a plan says of one companion. */
export interface CompanionPlan {
  readonly companion: string;
  /** Absent where ECS does not know its service. */
  readonly state?: SideState;
  /** What it is to run with the plan's target; absent where that is not known. */
  readonly target?: Release;
  /** What it runs, where that is replaced. */
  readonly suspect?: Release;
  /** Why so, as sentences. */
  readonly reason: string;
}

export interface Plan {
  readonly rollbackId: string;
  readonly service: string;
  readonly environment: string;
  readonly createdAt: string;
  readonly current: readonly SideState[];
  readonly target?: Release;
  readonly targetReason: string;
  readonly strategy: Strategy;
  readonly strategyReason: string;
  readonly checks: readonly Check[];
  readonly actions: readonly Action[];
  /** Seconds from the lock to the first healthy verdict, and where the number comes from. */
  readonly timeoutSeconds: number;
  readonly timeoutReason: string;
  /** The release that is being rolled back; absent where only companions are. */
  readonly suspect?: Release;
  /** Absent where none are configured. */
  readonly companions?: readonly CompanionPlan[];
  /** Who manages the sides' services and the rules that it moves, as their tags say. */
  readonly managers?: readonly Manager[];
  /** Why a person is asked before anything changes; absent where nobody is. */
  readonly asksBecause?: string;
  /** Null when the plan is to be carried out, at once or when approved; else how the rollback ends here. */
  readonly outcome: 'ready' | 'blocked' | 'already-at-target' | 'observed' | null;
  /** Why, in words. */
  readonly reason: string;
}

// ---------------------------------------------------------------- verification

/** One measured number against its limit. */
export interface Measurement {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly limit: number;
  readonly comparison: 'at most' | 'at least';
  readonly ok: boolean | null;
  /** One sentence that quotes value and limit. */
  readonly evidence: string;
}

/** No data is not bad data: `inconclusive` is its own answer. */
export interface Verdict {
  readonly result: 'healthy' | 'unhealthy' | 'inconclusive' | 'error';
  readonly measurements: readonly Measurement[];
  readonly reason: string;
}

// ---------------------------------------------------------------- timeline and report

export interface TimelineEntry {
  readonly time: string;
  readonly service: string;
  readonly rollbackId: string;
  /** Dotted, e.g. `admitted`, `plan.ready`, `action.applied`, `check.waiting`, `verdict.healthy`, `reported`. */
  readonly kind: string;
  /** One sentence for a person. */
  readonly message: string;
  readonly data?: Json;
}

/** Seed 000's schema, nothing added outside `execution`. */
export interface ReportDocument {
  readonly rollbackId: string;
  readonly timestamp: string;
  readonly snapshot: { readonly id: string; readonly created: string; readonly components: readonly string[] };
  readonly scripts: { readonly database: string; readonly application: string; readonly infrastructure: string };
  readonly execution: {
    readonly status: 'ready' | 'executed' | 'verified';
    /** ISO 8601 duration. */
    readonly duration: string;
    readonly verification: { [key: string]: Json };
    readonly outcome: Outcome;
    readonly reason: string;
  };
}
