/** Where an environment's stack is: the SSM parameter that the deployment writes and the command reads. */

export interface Installation {
  readonly environment: string;
  readonly stateMachineArn: string;
  readonly reapStateMachineArn?: string;
  readonly table: string;
  readonly bucket: string;
  /** Lambda Function URL that takes answers to approvals, signed with IAM. */
  readonly answerUrl?: string;
  readonly answerFunction?: string;
  /** Backstep's own, as deployed. */
  readonly version?: string;
  /** Name of a workflow's Lambda to the ARN of its version. */
  readonly functions: Readonly<Record<string, string>>;
}

/** @throws Error naming what is missing: a deployment has written it, so nobody but a deployment can put it right */
export function parseInstallation(environment: string, value: string): Installation {
  const found = parsed(value);
  const text = (name: string): string | undefined => (typeof found[name] === 'string' ? found[name] : undefined);
  const needed = (name: string): string => {
    const value = text(name);
    if (value) return value;
    throw new Error(`The parameter of the installation ${environment} has no ${name}: deploy Backstep again.`);
  };
  const reapStateMachineArn = text('reapStateMachineArn');
  const answerUrl = text('answerUrl');
  const answerFunction = text('answerFunction');
  const version = text('version');
  return {
    environment,
    stateMachineArn: needed('stateMachineArn'),
    table: needed('table'),
    bucket: needed('bucket'),
    ...(reapStateMachineArn && { reapStateMachineArn }),
    ...(answerUrl && { answerUrl }),
    ...(answerFunction && { answerFunction }),
    ...(version && { version }),
    functions: functionsOf(found.functions),
  };
}

function parsed(value: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(value);
    return typeof found === 'object' && found !== null ? { ...found } : {};
  } catch {
    return {};
  }
}

const functionsOf = (value: unknown): Record<string, string> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    : {};
