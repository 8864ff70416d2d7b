import { expect, test } from 'vitest';
import { summarize } from '../../bin/commands/simulate-summary.ts';
import type { ScenarioDocument } from '../../simulator/scenario/document.ts';

const document: ScenarioDocument = {
  scenario: 'given a release, when it fails, then it is rolled back',
  seed: 7,
  passed: true,
  failures: [],
  executions: [
    {
      arn: 'arn',
      name: 'e1',
      startedAt: '2026-01-15T10:00:00.000Z',
      stoppedAt: '2026-01-15T10:33:27.815Z',
      input: { service: 'checkout' },
      status: 'SUCCEEDED',
      output: { service: 'checkout', outcome: 'ready', reason: 'A dry run.' },
      history: [],
    },
  ],
  account: { taskDefinitions: {}, services: {}, weights: {}, alarms: {}, snapshots: [] },
  timeline: [
    { time: '2026-01-15T10:00:01.000Z', service: 'checkout', kind: 'admitted', message: 'Admitted.', data: null },
  ],
  calls: { 'ecs:DescribeServices': 2, 's3:GetObject': 3 },
  stateTransitions: 8,
  bundles: [{ functionName: 'Plan', sha256: 'x', bytes: 1, invocations: 4 }],
};

test('a run as expected', () => {
  expect(summarize(document, 812)).toBe(`given a release, when it fails, then it is rolled back

Executions:
  1. checkout SUCCEEDED ready after 33m 28s
     A dry run.

Timeline:
  10:00:01  checkout  admitted  Admitted.

5 API calls, 4 invocations, 8 state transitions; seed 7; 0.8 s real time

As expected.
`);
});

test('a run that was not, with what was expected and what came', () => {
  const failures = [{ path: 'calls.ecs:UpdateService', expected: 1, actual: 0 }];
  const text = summarize({ ...document, executions: [], timeline: [], passed: false, failures }, 812);
  expect(text).toContain('Executions:\n  none was started\n');
  expect(text).toContain('Not as expected:\n  calls.ecs:UpdateService\n    expected 1\n    actual   0\n');
});
