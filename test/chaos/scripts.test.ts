/** The generated scripts are run with values that try to be commands, against an `aws` that only writes down its arguments. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Action, Plan, ServiceConfiguration } from '../../lib/domain/model.ts';
import { scriptsFor } from '../../lib/domain/scripts.ts';

const recorder = `#!/usr/bin/env bash
printf '%s\\0' "$@" >> "$RECORD/argv"
case "$*" in
  *get-caller-identity*) echo 111122223333 ;;
  *describe-task-definition*) printf '{"taskDefinition":{"containerDefinitions":[]}}' ;;
  *register-task-definition*) cat "$RECORD/found" ;;
  *describe-services*) cat "$RECORD/found" ;;
  *describe-rules*) echo '[{"Type":"forward","TargetGroupArn":"tg"}]' ;;
esac
`;

const hostile = [
  `it's "quoted" $(touch pwned) \`touch pwned\``,
  'first\ntouch pwned\n#',
  'first\r\ntouch pwned',
  `\\'; touch pwned; '`,
  `'; touch pwned; echo '`,
  '$(touch pwned)',
  '\u0085touch pwned\u2028touch pwned',
  '" | touch pwned; "',
];

describe('given names and reasons that hold shell, when a person runs the scripts, then they stay words', () => {
  test.each(hostile)('%j', (evil) => {
    const { configuration, plan } = worldOf(evil);
    for (const [name, body] of [
      ...Object.entries(scriptsFor(configuration, plan)),
      ...Object.entries(scriptsFor(configuration, { ...plan, actions: [] })),
      ...Object.entries(scriptsFor(configuration, { ...plan, actions: plan.actions.map((one) => copying(one, evil)) })),
    ]) {
      const directory = mkdtempSync(join(tmpdir(), 'backstep-scripts-'));
      writeFileSync(join(directory, 'aws'), recorder);
      chmodSync(join(directory, 'aws'), 0o755);
      writeFileSync(join(directory, 'argv'), '');
      writeFileSync(join(directory, 'found'), evil);
      writeFileSync(join(directory, 'script.sh'), body);
      const env = { PATH: `${directory}:${process.env.PATH}`, RECORD: directory };
      const { status, stderr } = spawnSync('bash', ['script.sh'], { cwd: directory, env, encoding: 'utf8' });
      expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' });
      expect(readdirSync(directory).sort()).toEqual(['argv', 'aws', 'found', 'script.sh']);
      const words = readFileSync(join(directory, 'argv'), 'utf8').split('\0');
      if (body.includes('update-service')) expect(words.filter((word) => word === evil).length).toBeGreaterThan(3);
    }
  });
});

/** Where a copy is registered first. */
function copying(action: Action, evil: string): Action {
  if (action.type !== 'RevertService') return action;
  return {
    ...action,
    forward: { register: { of: evil, key: evil, sha256: evil, images: { [evil]: evil }, why: evil } },
  };
}

/** Every value that can come from outside is the hostile one. */
function worldOf(evil: string): { configuration: ServiceConfiguration; plan: Plan } {
  const shared = { description: evil, reason: evil };
  const actions: Action[] = [
    {
      ...shared,
      id: '1',
      type: 'RevertService',
      by: 'update-service',
      side: 'main',
      forward: { taskDefinition: evil },
      reverse: { taskDefinition: evil },
    },
    {
      ...shared,
      id: '2',
      type: 'ShiftTraffic',
      toSide: 'main',
      forward: [{ rule: evil, weights: { [evil]: 100, tg: 0 }, stickiness: { enabled: false } }],
      reverse: [{ rule: evil, weights: { [evil]: 0, tg: 1 }, stickiness: { enabled: true, durationSeconds: 60 } }],
    },
  ];
  const configuration = {
    environment: evil,
    account: '111122223333',
    region: evil,
    service: evil,
    sides: [{ name: 'main', cluster: evil, service: evil, targetGroup: evil }],
  } as unknown as ServiceConfiguration; // Only what scripts are made of.
  return { configuration, plan: { reason: evil, actions } as unknown as Plan };
}
