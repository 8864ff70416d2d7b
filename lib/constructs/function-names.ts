/** Those that the state machine calls: `${<Name>Function}` in its definition stands for the function's version. */
export const workflowFunctions = [
  'Admit',
  'Plan',
  'RequestApproval',
  'AcceptApproval',
  'StartSnapshot',
  'CheckSnapshot',
  'ShiftTraffic',
  'CheckTraffic',
  'RevertService',
  'CheckService',
  'ScaleIn',
  'VerifyHealth',
  'Compensate',
  'GiveBack',
  'Report',
] as const;

/** Those that the reap machine calls. */
export const reapFunctions = ['Reap', 'GiveBack', 'Report'] as const;

/** The Lambdas, each named like its state and lying in `lambdas/<file-name>.ts`. */
export const functionNames = [
  ...workflowFunctions,
  'Reap',
  'Answer',
  'RecordRelease',
  'Sweep',
  'PublishBaselines',
  'CheckReadiness',
  'Install',
] as const;

export type FunctionName = (typeof functionNames)[number];

/** `ShiftTraffic` -> `shift-traffic` */
export const fileName = (name: FunctionName): string => name.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase();
