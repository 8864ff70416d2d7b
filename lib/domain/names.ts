/**
 * Names that more than one layer must agree on. The construct creates what the Lambdas, the command and the simulated
 * account look up, so each is derived here and nowhere else.
 */

/** Alarms of one environment share this prefix; rules match on it. */
export const alarmPrefix = (environment: string): string => `backstep/${environment}/`;

/** `backstep/production/checkout/error_rate_spike/main` */
export const alarmName = (environment: string, service: string, ...parts: string[]): string =>
  alarmPrefix(environment) + [service, ...parts].join('/');

/** Alarms on Backstep itself. Outside of the prefix above: whatever is wrong with us, no rollback is the cure. */
export const operationsAlarmName = (environment: string, ...parts: string[]): string =>
  [`backstep-${environment}-operations`, ...parts].join('/');

/** On while one of the environment's services could not be rolled back. */
export const readinessAlarmName = (environment: string): string => operationsAlarmName(environment, 'readiness');

export const isReadinessAlarm = (name: string): boolean => /^backstep-[^/]+-operations\/readiness$/.test(name);

export const stateMachineName = (environment: string): string => `backstep-${environment}-rollback`;

/** Takes up rollbacks that ended without their own last states. */
export const reapMachineName = (environment: string): string => `backstep-${environment}-reap`;

export const stateMachineArn = (partition: string, region: string, account: string, environment: string): string =>
  `arn:${partition}:states:${region}:${account}:stateMachine:${stateMachineName(environment)}`;

/** The Lambda that takes answers to questions: people look for it in the console. */
export const answerFunctionName = (environment: string): string => `backstep-${environment}-answer`;

/** Alias of it that the function URL stands on: only what comes in there is known to be signed. */
export const signedAlias = 'signed';

/** SSM parameter with a readable summary of a service's configuration and the pointer to it. */
export const serviceParameter = (environment: string, service: string): string =>
  `/backstep/${environment}/services/${service}`;

/** SSM parameter, JSON: where the environment's state machines, table, bucket and functions are, for the command. */
export const installationParameter = (environment: string): string => `/backstep/${environment}/installation`;

/** SSM parameter, `on` or `off`: nothing rolls back by itself while it is on. Of one service where one is named. */
export const killSwitchParameter = (environment: string, service?: string): string =>
  `/backstep/${environment}/kill-switch${service === undefined ? '' : `/${service}`}`;

/**
 * Readable, sortable, and the same for every attempt and every reader of one execution: `checkout-20261120-030405-1f2e3d`.
 *
 * @param startedAt of the execution, ISO 8601
 * @param identity a hash of the execution's ARN
 */
export function rollbackIdOf(service: string, startedAt: string, identity: string): string {
  const [date = '', time = ''] = startedAt.replace(/\.\d+Z?$|Z$/, '').split('T');
  return `${service}-${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${identity.slice(0, 6)}`;
}

/** Keys in the bucket. Checkpoints hold task environments, so they live under a prefix of their own. */
export const configurationKey = (service: string, sha256: string): string => `configuration/${service}/${sha256}.json`;
export const checkpointKey = (rollbackId: string): string => `checkpoints/${rollbackId}.json`;
/** The request to register a copy of a task definition; it holds environments too. */
export const copyKey = (rollbackId: string, sha256: string): string => `${copyPrefix}/${rollbackId}/${sha256}.json`;
export const copyPrefix = 'checkpoints/copies';
/** A recorded release's task definition, by the hash of the document; it holds environments too. */
export const definitionKey = (service: string, sha256: string): string => `definitions/${service}/${sha256}.json`;
export const planKey = (rollbackId: string): string => `plans/${rollbackId}.json`;
export const reportKey = (rollbackId: string, file: string): string => `reports/${rollbackId}/${file}`;

/** Every snapshot that Backstep makes is named so; its permissions end there. */
export const snapshotPrefix = 'backstep';

/** What a person types to start a rollback in production by hand. */
export const productionPhrase = 'ROLLBACK PRODUCTION';

/** `source` of every event that Backstep puts on the bus. */
export const eventSource = 'backstep';
