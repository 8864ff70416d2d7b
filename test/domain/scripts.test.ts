import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan, RuleWeights, ScaleInAction, ShiftTrafficAction } from '../../lib/domain/model.ts';
import { jqProgram, scriptsFor } from '../../lib/domain/scripts.ts';
import { quote } from '../../lib/domain/shell.ts';
import { changeWeights, type LiveAction } from '../../lib/domain/traffic.ts';
import { configuration, definition, group, plan, rule } from './report/fixture.ts';

const weights = (blue: number, green: number, sticky?: number): RuleWeights => ({
  rule,
  weights: { [group('blue')]: blue, [group('green')]: green },
  stickiness: sticky ? { enabled: true, durationSeconds: sticky } : { enabled: false },
});
const shift: ShiftTrafficAction = {
  id: '2',
  type: 'ShiftTraffic',
  toSide: 'blue',
  description: 'Send all traffic to blue.',
  reason: '',
  forward: [weights(100, 0)],
  reverse: [weights(0, 100, 3600)],
};
const both: Plan = { ...plan, actions: [...plan.actions, shift] };

describe('scriptsFor', () => {
  const scripts = scriptsFor(configuration, both);

  test('every script is one that bash accepts', () => {
    for (const script of Object.values(scripts)) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    }
  });

  test('the application goes to the target, and it is proven that it is the one that runs', () => {
    expect(scripts.application).toContain(
      `update-service --cluster shop --service checkout --task-definition ${definition(41)}`,
    );
    expect(scripts.application).toMatch(/wait services-stable[\s\S]*PRIMARY[\s\S]*exit 1/);
    expect(scripts.application).not.toContain('elbv2');
  });

  test('the infrastructure script moves weights on the live rule', () => {
    expect(scripts.infrastructure).toMatch(/describe-target-health[\s\S]*describe-rules[\s\S]*jq[\s\S]*modify-rule/);
    expect(scripts.infrastructure).toContain(JSON.stringify(weights(100, 0).weights));
    expect(scripts.infrastructure).not.toContain('ecs ');
  });

  test('undo goes backwards: traffic first, with its stickiness, then the service', () => {
    expect(scripts.undo).toMatch(/"DurationSeconds":3600[\s\S]*modify-rule[\s\S]*update-service.*checkout:42/);
  });

  describe('of a shift in steps with something afterwards', () => {
    const half: ShiftTrafficAction = { ...shift, forward: [weights(50, 50)], gate: { percent: 50, holdSeconds: 120 } };
    const rest: ShiftTrafficAction = { ...shift, id: '3', reverse: [weights(50, 50)] };
    const scaleIn: ScaleInAction = {
      id: '4',
      type: 'ScaleIn',
      side: 'main',
      description: 'Take the tasks out.',
      reason: '',
      forward: { desiredCount: 0 },
      reverse: { desiredCount: 4 },
      afterVerification: true,
    };
    const steps = scriptsFor(configuration, { ...plan, actions: [half, rest, scaleIn] });

    test('each step but the last is held', () => {
      expect(steps.infrastructure).toMatch(/"[^"]*blue[^"]*":50[\s\S]*\nsleep 120\n[\s\S]*":100/);
      expect(steps.infrastructure.match(/^sleep /gm)).toHaveLength(1);
    });

    test('the receiving side alone is looked at first', () => {
      const looks = steps.infrastructure.match(/describe-target-health --target-group-arn \S+/g);
      expect(looks).toHaveLength(2);
      expect(looks?.every((look) => look.includes('blue'))).toBe(true);
    });

    test('what comes after the verification is only a comment', () => {
      expect(steps.infrastructure).toContain('# Only once the rollback has proven itself:');
      expect(steps.infrastructure).toMatch(/^# aws ecs update-service .*--desired-count 0/m);
      expect(steps.infrastructure).not.toMatch(/^aws ecs/m);
    });

    test('undo starts the tasks again and waits, then moves all traffic back in one step', () => {
      expect(steps.undo).toMatch(/--desired-count 4[\s\S]*wait services-stable[\s\S]*modify-rule/);
      expect(steps.undo.match(/modify-rule/g)).toHaveLength(1);
      expect(steps.undo).toContain(JSON.stringify(weights(0, 100).weights));
    });

    test('bash accepts them', () => {
      for (const input of Object.values(steps)) expect(spawnSync('bash', ['-n'], { input }).status).toBe(0);
    });
  });

  test('a default action is changed through its listener', () => {
    const listener = rule.replace('listener-rule', 'listener');
    const forward = [{ ...weights(100, 0), rule: listener }];
    const { infrastructure } = scriptsFor(configuration, { ...plan, actions: [{ ...shift, forward }] });
    expect(infrastructure).toMatch(/describe-listeners[\s\S]*modify-listener .*--default-actions/);
  });

  test('with the wrong credentials nothing runs', () => {
    const fake = 'aws() { echo 999900001111; }\n';
    const { status, stderr } = spawnSync('bash', [], { input: fake + scripts.application, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('not credentials of account 111122223333');
  });

  test('a description cannot become a command', () => {
    const actions = [{ ...shift, description: 'a\nrm -rf /\r\nb' }];
    const { infrastructure } = scriptsFor(configuration, { ...plan, actions });
    expect(infrastructure).toContain('# a rm -rf / b\n');
    expect(infrastructure).not.toMatch(/^rm/m);
  });

  test('where there is nothing to do, a comment says why', () => {
    expect(scripts.database).toMatch(/^# database: nothing to do, .*no database\n$/);
    expect(scriptsFor(configuration, null).application).toMatch(/^# .*ended before there was a plan\n$/);
  });
});

test('a quoted word is that word for bash, whatever is in it', () => {
  const word = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom("'", '"', '\\', '$', '`', ' ', '\n', '*', '!', '~', '-', 'a') }),
  );
  fc.assert(
    fc.property(
      fc.array(
        word.filter((text) => !text.includes('\0')),
        { minLength: 20, maxLength: 40 },
      ),
      (words) => {
        const { stdout } = spawnSync('bash', ['-c', `printf '%s\\0' ${words.map(quote).join(' ')}`], {
          encoding: 'utf8',
        });
        expect(stdout.split('\0').slice(0, -1)).toEqual(words);
      },
    ),
    { numRuns: 20 },
  );
});

/** jq is what the script needs on the person's machine; where this one has none, the program cannot be run. */
const hasJq = spawnSync('jq', ['--version']).status === 0;

test.skipIf(!hasJq)('the jq program makes of live actions what ShiftTraffic makes of them', () => {
  const names = ['blue', 'green', 'third'].map(group);
  const someWeights = fc.dictionary(fc.constantFrom(...names), fc.integer({ min: 0, max: 999 }), { minKeys: 1 });
  const forward = fc.record({ weights: someWeights, sticky: fc.boolean(), short: fc.boolean() }).map(
    ({ weights: live, sticky, short }): LiveAction =>
      short
        ? { Type: 'forward', Order: 2, TargetGroupArn: names[0] }
        : {
            Type: 'forward',
            Order: 2,
            ...(Object.keys(live).length === 1 && { TargetGroupArn: Object.keys(live)[0] }),
            ForwardConfig: {
              TargetGroups: Object.entries(live).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
              TargetGroupStickinessConfig: sticky ? { Enabled: true, DurationSeconds: 60 } : { Enabled: false },
            },
          },
  );
  const oidc = { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: { ClientSecret: 'x' } };
  fc.assert(
    fc.property(forward, someWeights, (action, wanted) => {
      fc.pre(Object.values(wanted).some((weight) => weight > 0));
      const live = [oidc, action];
      const change = changeWeights<LiveAction>(live, { rule, weights: wanted, stickiness: { enabled: false } });
      fc.pre(change.kind === 'change');
      const args = [
        '--argjson',
        'weights',
        JSON.stringify(wanted),
        '--argjson',
        'sticky',
        '{"Enabled":false}',
        jqProgram,
      ];
      const { stdout, stderr } = spawnSync('jq', args, { input: JSON.stringify(live), encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(byGroup(JSON.parse(stdout))).toEqual(byGroup(change.kind === 'change' ? change.actions : []));
    }),
    { numRuns: 30 },
  );
});

/** The order of groups in an action means nothing. */
function byGroup(actions: LiveAction[]): unknown {
  return actions.map((action) => ({
    ...action,
    ForwardConfig: action.ForwardConfig && {
      ...action.ForwardConfig,
      TargetGroups: action.ForwardConfig.TargetGroups?.toSorted((a, b) =>
        String(a.TargetGroupArn).localeCompare(String(b.TargetGroupArn)),
      ),
    },
  }));
}
