/** Where answers come in, and where the command finds everything. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { workflowFunctions } from '../../lib/constructs/function-names.ts';
import { parseInstallation } from '../../lib/domain/installation.ts';
import { answerFunctionName, signedAlias } from '../../lib/domain/names.ts';
import { answerPolicy } from '../../simulator/scenario/answers.ts';
import { exampleStack, only, type Resources } from './fixture.ts';

const root = join(import.meta.dirname, '../..');
let resources: Resources;

beforeAll(async () => {
  resources = (await exampleStack()).template.Resources;
});

const all = (type: string) => Object.values(resources).filter((resource) => resource.Type === type);

describe('the function URL', () => {
  test('takes only signed requests, through the alias that they are known by', () => {
    const [url, ...others] = all('AWS::Lambda::Url');
    expect(others).toEqual([]);
    expect(url?.Properties).toMatchObject({ AuthType: 'AWS_IAM', Qualifier: signedAlias });
    expect(url?.Properties).not.toHaveProperty('Cors');
    expect(all('AWS::Lambda::Alias')).toMatchObject([{ Properties: { Name: signedAlias } }]);
  });

  test('is open to nobody until an administrator grants it', () => {
    const permissions = JSON.stringify(all('AWS::Lambda::Permission'));
    expect(permissions).not.toContain('FunctionsAnswer');
    expect(permissions).not.toContain('InvokeFunctionUrl');
  });

  test('the grant that the guide gives is the one that the scenarios answer with', () => {
    const guide = readFileSync(join(root, 'docs/approval.md'), 'utf8');
    const block = /```json\n(\{\n {2}"Version"[\s\S]*?)```/.exec(guide)?.[1] ?? '';
    const resource = `arn:aws:lambda:eu-west-1:111122223333:function:${answerFunctionName('production')}:${signedAlias}`;
    expect(JSON.parse(block)).toEqual(answerPolicy(resource));
  });
});

describe('the key of the task tokens', () => {
  test('turns by itself, and goes with the stack', () => {
    const key = only(resources, 'AWS::KMS::Key', 'ApprovalsKey');
    expect(key.Properties).toMatchObject({ EnableKeyRotation: true });
    expect(resources[key.id]).toMatchObject({ DeletionPolicy: 'Delete' });
  });
});

describe('the parameter of the installation', () => {
  /** The value with every reference replaced by something as long as AWS allows. */
  const value = (): string => {
    const parameter = only(resources, 'AWS::SSM::Parameter', 'DirectoryInstallation');
    const join = (parameter.Properties.Value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'];
    return join[1].map((part) => (typeof part === 'string' ? part : longest(JSON.stringify(part)))).join(join[0]);
  };
  const longest = (reference: string): string => {
    const name = 'x'.repeat(64);
    if (/Version|Function[0-9A-F]{8}"/.test(reference))
      return `arn:aws:lambda:ap-southeast-2:111122223333:function:${name}:999`;
    if (reference.includes('FunctionUrl')) return `https://${'x'.repeat(32)}.lambda-url.ap-southeast-2.on.aws/`;
    return `arn:aws:states:ap-southeast-2:111122223333:stateMachine:${name}`;
  };

  test('is what the command parses', () => {
    const found = parseInstallation('production', value());
    expect(Object.keys(found.functions).sort()).toEqual([...workflowFunctions].sort());
    expect(found).toMatchObject({ answerUrl: expect.stringContaining('https://'), table: expect.any(String) });
    expect(JSON.parse(value())).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });

  test('fits into 4 KB, however long the names become', () => {
    expect(Buffer.byteLength(value())).toBeLessThan(4_096);
  });
});
