import type { RuleTarget } from '../../services/events.ts';
import type { Created, Creation } from '../creation.ts';

export function rule(creation: Creation): Created {
  creation.expect(
    ['Name', 'EventPattern', 'ScheduleExpression', 'State', 'Targets', 'EventBusName'],
    ['Description', 'RoleArn'],
  );
  const bus = creation.optionalText('EventBusName');
  if (bus !== undefined && bus !== 'default') throw creation.failed('only the default event bus is implemented.');
  const name = creation.name(creation.properties.Name);
  const arn = creation.account.arn('events', `rule/${name}`);
  const { EventPattern: pattern, ScheduleExpression: schedule } = creation.properties;
  creation.account.events.putRule({
    name,
    arn,
    state: creation.optionalText('State') === 'DISABLED' ? 'DISABLED' : 'ENABLED',
    targets: creation.list('Targets').map((target) => ruleTarget(creation, target as unknown as TemplateTarget)),
    ...(pattern === undefined ? {} : { pattern: pattern as object }),
    ...(schedule === undefined ? {} : { scheduleExpression: String(schedule) }),
  });
  return { physicalId: name, arn, attributes: { Arn: arn } };
}

interface TemplateTarget {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: { readonly InputPathsMap?: Record<string, string>; readonly InputTemplate: string };
  readonly RetryPolicy?: { readonly MaximumEventAgeInSeconds?: number; readonly MaximumRetryAttempts?: number };
  readonly DeadLetterConfig?: { readonly Arn?: string };
}

const targetFields = [
  'Id',
  'Arn',
  'RoleArn',
  'Input',
  'InputPath',
  'InputTransformer',
  'RetryPolicy',
  'DeadLetterConfig',
];

function ruleTarget(creation: Creation, target: TemplateTarget): RuleTarget {
  const unknown = Object.keys(target).filter((field) => !targetFields.includes(field));
  if (unknown.length > 0) throw creation.failed(`the target field ${unknown.join(', ')} is not implemented.`);
  const { InputTransformer: transformer, RetryPolicy: retry, DeadLetterConfig: deadLetters } = target;
  return {
    id: target.Id,
    arn: target.Arn,
    ...(target.RoleArn === undefined ? {} : { roleArn: target.RoleArn }),
    ...(target.Input === undefined ? {} : { input: target.Input }),
    ...(target.InputPath === undefined ? {} : { inputPath: target.InputPath }),
    ...(transformer ? { inputTransformer: inputTransformer(transformer) } : {}),
    ...(retry ? { retryPolicy: retryPolicy(retry) } : {}),
    ...(deadLetters?.Arn === undefined ? {} : { deadLetterArn: deadLetters.Arn }),
  };
}

function inputTransformer({ InputPathsMap, InputTemplate }: NonNullable<TemplateTarget['InputTransformer']>) {
  return { inputTemplate: InputTemplate, ...(InputPathsMap ? { inputPathsMap: InputPathsMap } : {}) };
}

function retryPolicy(policy: NonNullable<TemplateTarget['RetryPolicy']>) {
  const { MaximumEventAgeInSeconds: age, MaximumRetryAttempts: attempts } = policy;
  return {
    ...(age === undefined ? {} : { maximumEventAgeInSeconds: Number(age) }),
    ...(attempts === undefined ? {} : { maximumRetryAttempts: Number(attempts) }),
  };
}
