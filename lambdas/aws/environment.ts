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

/** @example setting('TABLE') // the value of BACKSTEP_TABLE */
export function setting(name: Setting): string {
  const value = process.env[`BACKSTEP_${name}`];
  if (!value) throw new Error(`The environment variable BACKSTEP_${name} is not set.`);
  return value;
}
