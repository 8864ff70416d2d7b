/** Names of what the stack gave this Lambda. Read when asked for, so that importing a module needs no environment. */
type Setting =
  | 'ENVIRONMENT'
  | 'TABLE'
  | 'BUCKET'
  | 'STATE_MACHINE_ARN'
  | 'TOPIC_TECHNICAL'
  | 'TOPIC_BUSINESS'
  | 'TOPIC_EXECUTIVE'
  | 'APPROVAL_KEY';

const provided: Partial<Record<Setting, string>> = {};

/** Where a process that no stack has started has them from: the command reads the installation's parameter. */
export function provide(settings: Partial<Record<Setting, string>>): void {
  Object.assign(provided, settings);
}

/** @example setting('TABLE') // the value of BACKSTEP_TABLE */
export function setting(name: Setting): string {
  const value = provided[name] ?? process.env[`BACKSTEP_${name}`];
  if (!value) throw new Error(`The environment variable BACKSTEP_${name} is not set.`);
  return value;
}
