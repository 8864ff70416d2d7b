import { expect, test } from 'vitest';
import type { BusEvent, Rule, RuleTarget } from '../../../../simulator/services/events/rule.ts';
import { checkTransformer, inputFor } from '../../../../simulator/services/events/transform.ts';

const event: BusEvent = {
  version: '0',
  id: 'e1',
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account: '111122223333',
  time: '2026-11-20T03:04:05Z',
  region: 'eu-west-1',
  resources: ['arn:one', 'arn:two'],
  detail: { alarmName: 'backstep/x', state: { value: 'ALARM', reason: 'a "quoted" reason' }, count: 3, list: [1, 2] },
};
const rule: Rule = { name: 'alarms', arn: 'arn:rule', state: 'ENABLED', targets: [] };

const target = (more: Partial<RuleTarget>): RuleTarget => ({ id: 't', arn: 'arn:t', ...more });
const render = (inputTemplate: string, inputPathsMap: Record<string, string>) =>
  inputFor(target({ inputTransformer: { inputTemplate, inputPathsMap } }), event, rule, '2026-11-20T03:04:05.100Z');

test('the whole event, a part of it, or a constant', () => {
  expect(JSON.parse(inputFor(target({}), event, rule, ''))).toEqual(event);
  expect(inputFor(target({ inputPath: '$.detail.state.value' }), event, rule, '')).toBe('"ALARM"');
  expect(inputFor(target({ input: '{"a":1}' }), event, rule, '')).toBe('{"a":1}');
});

test('an unquoted placeholder becomes JSON, whatever the value is', () => {
  const text = render(
    '{"trigger":{"alarmName":<name>,"alarmArn":<arn>,"state":<state>,"count":<count>,"list":<list>,"reason":<reason>}}',
    {
      name: '$.detail.alarmName',
      arn: '$.resources[0]',
      state: '$.detail.state.value',
      count: '$.detail.count',
      list: '$.detail.list',
      reason: '$.detail.state.reason',
    },
  );
  expect(JSON.parse(text)).toEqual({
    trigger: {
      alarmName: 'backstep/x',
      alarmArn: 'arn:one',
      state: 'ALARM',
      count: 3,
      list: [1, 2],
      reason: 'a "quoted" reason',
    },
  });
});

test('inside a string the bare text is put, unescaped: a quote in it breaks the document', () => {
  expect(
    JSON.parse(render('{"text":"<type> is <state>"}', { type: '$.detail-type', state: '$.detail.state.value' })),
  ).toEqual({
    text: 'CloudWatch Alarm State Change is ALARM',
  });
  const broken = render('{"text":"because <reason>"}', { reason: '$.detail.state.reason' });
  expect(broken).toBe('{"text":"because a "quoted" reason"}');
});

test('an escaped quote in the template does not end its string', () => {
  expect(
    JSON.parse(
      render('{"text":"say \\"<state>\\"","n":<count>}', { state: '$.detail.state.value', count: '$.detail.count' }),
    ),
  ).toEqual({
    text: 'say "ALARM"',
    n: 3,
  });
});

test('a path that leads nowhere gives an empty text', () => {
  expect(JSON.parse(render('{"a":<none>,"b":"x<none>"}', { none: '$.detail.none.deep' }))).toEqual({ a: '', b: 'x' });
});

test('variables of AWS', () => {
  const text = render(
    '{"rule":<aws.events.rule-name>,"at":"<aws.events.event.ingestion-time>","event":<aws.events.event.json>,"plain":<aws.events.event>}',
    {},
  );
  const { detail: _, ...withoutDetail } = event;
  expect(JSON.parse(text)).toEqual({ rule: 'alarms', at: '2026-11-20T03:04:05.100Z', event, plain: withoutDetail });
});

test.each<[string, RuleTarget['inputTransformer'], string]>([
  ['a placeholder without a path', { inputTemplate: '<x>' }, 'InputTemplate uses <x>'],
  ['a name of AWS', { inputTemplate: '"a"', inputPathsMap: { 'AWS.x': '$.id' } }, 'may not start with AWS.'],
  [
    'a path that is more than dots',
    { inputTemplate: '<x>', inputPathsMap: { x: '$.detail[?(@.a)]' } },
    'Invalid JSON path',
  ],
])('%s is refused', (_, inputTransformer, message) => {
  expect(() => checkTransformer(target(inputTransformer ? { inputTransformer } : {}))).toThrow(message);
});
