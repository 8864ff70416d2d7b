import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Alias, Code, type IVersion, Function as LambdaFunctionConstruct, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { App, CfnOutput, CfnResource, CustomResource, Duration, Stack } from 'aws-cdk-lib/core';
import { describe, expect, it } from 'vitest';
import { type DeployedStack, deployAssembly } from '../../simulator/assembly/deploy.ts';
import { operator } from '../../simulator/iam.ts';
import { drive } from '../../simulator/sdk.ts';
import { accountId, newAccount, region } from './account.ts';
import { bundle, invoke } from './functions.ts';

const env = { account: accountId, region };

function synthesize(build: (stack: Stack) => void, name = 'Shop'): string {
  const app = new App({ analyticsReporting: false, outdir: mkdtempSync(join(tmpdir(), 'backstep-assembly-')) });
  build(new Stack(app, name, { env }));
  return app.synth().directory;
}

async function deploy(build: (stack: Stack) => void, account = newAccount()) {
  const stack = await drive(account, deployAssembly(account, synthesize(build)));
  return { account, stack };
}

const addLambda = (stack: Stack, id: string, source: string, props = {}) =>
  new LambdaFunctionConstruct(stack, id, {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromAsset(bundle(source)),
    ...props,
  });

function definitionFile(definition: object): string {
  const path = join(mkdtempSync(join(tmpdir(), 'backstep-asl-')), 'machine.asl.json');
  writeFileSync(path, JSON.stringify(definition));
  return path;
}

const only = (stack: DeployedStack, type: string) => {
  const found = Object.values(stack.resources).filter((resource) => resource.type === type);
  expect(found.length).toBe(1);
  return found[0];
};

describe('resources', () => {
  it('a function runs with its variables and the rights CDK granted', async () => {
    const { account, stack } = await deploy((stack) => {
      const parameter = new StringParameter(stack, 'Answer', { parameterName: '/shop/answer', stringValue: '42' });
      const reader = addLambda(
        stack,
        'Reader',
        `import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
         export const handler = async () => (await new SSMClient({}).send(new GetParameterCommand({ Name: process.env.NAME }))).Parameter.Value;`,
        { environment: { NAME: parameter.parameterName }, timeout: Duration.seconds(9) },
      );
      parameter.grantRead(reader);
      new CfnOutput(stack, 'Version', { value: reader.currentVersion.functionArn });
    });
    const { Version = '' } = stack.outputs;
    expect(Version).toMatch(/^arn:aws:lambda:eu-west-1:111122223333:function:Shop-Reader\w+-[0-9A-F]{12}:1$/);
    expect(await invoke(account, Version)).toEqual({ payload: '42', executedVersion: '1' });
  });

  it('a state machine from a file, with substitutions, calls its function', async () => {
    const Call = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: `\${Greeter}`, Payload: '{% $states.input %}' },
      Output: '{% $states.result.Payload %}',
      End: true,
    };
    const path = definitionFile({ QueryLanguage: 'JSONata', StartAt: 'Call', States: { Call } });
    const { account, stack } = await deploy((stack) => {
      const greeter = addLambda(stack, 'Greeter', 'export const handler = async ({ name }) => "hello " + name;');
      const machine = new StateMachine(stack, 'Machine', {
        stateMachineName: 'greet',
        definitionBody: DefinitionBody.fromFile(path),
        definitionSubstitutions: { Greeter: greeter.currentVersion.functionArn },
      });
      greeter.grantInvoke(machine);
    });
    const stateMachineArn = only(stack, 'AWS::StepFunctions::StateMachine')?.arn ?? '';
    expect(stateMachineArn).toBe(account.arn('states', 'stateMachine:greet'));
    account.states.startExecution({ stateMachineArn, input: '{"name":"Ada"}', principal: operator });
    await account.clock.runUntil(account.clock.now() + 10_000);
    expect(account.states.executions[0]).toMatchObject({ status: 'SUCCEEDED', output: '"hello Ada"' });
  });

  it('a definition with a name that has no value is refused', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: { A: { Type: 'Pass', Output: `\${Nobody}`, End: true } },
    };
    const deployment = deploy((stack) => {
      new StateMachine(stack, 'Machine', { definitionBody: DefinitionBody.fromFile(definitionFile(definition)) });
    });
    await expect(deployment).rejects.toThrow(
      `The definition uses \${Nobody}, but DefinitionSubstitutions has no Nobody.`,
    );
  });

  it('table, bucket, topic, queue and alarm are there', async () => {
    const { account, stack } = await deploy((stack) => {
      new Table(stack, 'Table', {
        partitionKey: { name: 'pk', type: AttributeType.STRING },
        sortKey: { name: 'sk', type: AttributeType.STRING },
        timeToLiveAttribute: 'expiresAt',
      });
      new Bucket(stack, 'Bucket', { versioned: true });
      new Topic(stack, 'Topic').addSubscription(new EmailSubscription('oncall@example.com'));
      new Queue(stack, 'Queue');
      const metric = new Metric({ namespace: 'Shop', metricName: 'Errors' });
      new Alarm(stack, 'Alarm', { alarmName: 'shop/errors', metric, threshold: 1, evaluationPeriods: 1 });
    });
    const table = only(stack, 'AWS::DynamoDB::Table');
    expect(account.dynamodb.items(table?.physicalId ?? '')).toEqual([]);
    const bucket = only(stack, 'AWS::S3::Bucket')?.physicalId ?? '';
    expect(bucket).toMatch(/^shop-bucket\w+-[0-9a-f]{12}$/);
    account.s3.put(bucket, 'a', 'one');
    account.s3.put(bucket, 'a', 'two');
    expect(account.s3.get(bucket, 'a')?.versionId).toBeDefined();
    const topicArn = only(stack, 'AWS::SNS::Topic')?.arn;
    expect(account.sns.subscriptions).toMatchObject([{ topicArn, protocol: 'email', endpoint: 'oncall@example.com' }]);
    expect(account.sqs.exists(only(stack, 'AWS::SQS::Queue')?.arn ?? '')).toBe(true);
    expect(account.cloudwatch.alarms.map(({ name }) => name)).toEqual(['shop/errors']);
  });

  it('a rule delivers to its function, which retries and then hands over to its destination', async () => {
    const { account, stack } = await deploy((stack) => {
      const failing = addLambda(stack, 'Failing', `export const handler = async () => { throw new Error('no'); };`);
      failing.configureAsyncInvoke({ retryAttempts: 1, onFailure: new SqsDestination(new Queue(stack, 'Failures')) });
      new Rule(stack, 'Rule', { eventPattern: { source: ['shop'] }, targets: [new LambdaFunction(failing)] });
    });
    account.events.emit({ source: 'shop', 'detail-type': 'Sold', resources: [], detail: { n: 1 } });
    await account.clock.runUntil(account.clock.now() + 600_000);
    expect(account.lambda.invocations.length).toBe(2);
    const [message] = account.sqs.messages(only(stack, 'AWS::SQS::Queue')?.arn ?? '');
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ requestPayload: { source: 'shop', detail: { n: 1 } } });
  });

  it('an alias is invoked by its own ARN', async () => {
    const { account, stack } = await deploy((stack) => {
      const one = addLambda(
        stack,
        'One',
        'export const handler = async (event, context) => context.invokedFunctionArn;',
      );
      new Alias(stack, 'Live', { aliasName: 'live', version: one.currentVersion as IVersion });
    });
    const arn = only(stack, 'AWS::Lambda::Alias')?.arn ?? '';
    expect(await invoke(account, arn)).toEqual({ payload: arn, executedVersion: '1' });
  });

  it('file assets lie in the bootstrap bucket', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'backstep-asset-')), 'a.json');
    writeFileSync(path, '{"a":1}');
    const { account, stack } = await deploy((stack) => {
      const asset = new Asset(stack, 'Asset', { path });
      new Queue(stack, 'Queue');
      new CfnOutput(stack, 'Bucket', { value: asset.s3BucketName });
      new CfnOutput(stack, 'Key', { value: asset.s3ObjectKey });
    });
    const { Bucket: bucketName = '', Key = '' } = stack.outputs;
    expect(bucketName).toBe('cdk-hnb659fds-assets-111122223333-eu-west-1');
    expect(Buffer.from(account.s3.get(bucketName, Key)?.body ?? []).toString()).toBe('{"a":1}');
  });

  it('names are the same in every deployment', async () => {
    const build = (stack: Stack) => {
      new Queue(stack, 'Queue');
      addLambda(stack, 'One', 'export const handler = async () => 1;');
    };
    const [one, two] = [await deploy(build), await deploy(build)];
    const names = ({ stack }: { stack: DeployedStack }) =>
      Object.values(stack.resources).map(({ physicalId }) => physicalId);
    expect(names(one)).toEqual(names(two));
  });
});

describe('what is not implemented', () => {
  it('a resource type fails the deployment, by name', async () => {
    const deployment = deploy((stack) => {
      new CfnResource(stack, 'Cluster', { type: 'AWS::ECS::Cluster' });
    });
    await expect(deployment).rejects.toThrow(
      'Shop/Cluster (AWS::ECS::Cluster): this resource type is not implemented in the simulated account.',
    );
  });

  it('a property fails it too', async () => {
    const deployment = deploy((stack) => {
      new Queue(stack, 'Queue', { fifo: true });
    });
    await expect(deployment).rejects.toThrow(/AWS::SQS::Queue\): the property FifoQueue is not implemented/);
  });

  it('what makes no difference is counted', async () => {
    const { stack } = await deploy((stack) => {
      new Queue(stack, 'Queue', { enforceSSL: true });
    });
    expect(stack.ignored).toMatchObject({ 'AWS::SQS::QueuePolicy': 1 });
  });

  it('an assembly without a stack for this account and region', async () => {
    const account = newAccount();
    const app = new App({ analyticsReporting: false, outdir: mkdtempSync(join(tmpdir(), 'backstep-assembly-')) });
    new Queue(new Stack(app, 'Elsewhere', { env: { account: accountId, region: 'us-east-1' } }), 'Queue');
    await expect(deployAssembly(account, app.synth().directory)).rejects.toThrow(
      'The assembly must have one stack for 111122223333 in eu-west-1; it has Elsewhere (aws://111122223333/us-east-1).',
    );
  });
});

describe('custom resources', () => {
  const answering = (body: string) => `
    export const handler = async (event) => {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const { StackId, RequestId, LogicalResourceId } = event;
      const answer = { StackId, RequestId, LogicalResourceId, PhysicalResourceId: 'made', ...(${body}) };
      await fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify(answer) });
    };`;

  const custom = (source: string, props: object = {}) =>
    deploy((stack) => {
      const provider = addLambda(stack, 'Provider', source, { timeout: Duration.seconds(30) });
      const resource = new CustomResource(stack, 'Thing', {
        resourceType: 'Custom::Thing',
        serviceToken: provider.functionArn,
        properties: { Count: 3, On: true, List: [{ N: 1 }] },
        ...props,
      });
      new CfnOutput(stack, 'Got', { value: resource.getAttString('Got') });
    });

  it('gets CloudFormation’s event, every scalar as text, and gives Ref and GetAtt', async () => {
    const { account, stack } = await custom(
      answering(
        `{ Status: 'SUCCESS', Data: { Got: JSON.stringify([event.RequestType, event.ResourceType, event.ResourceProperties]) } }`,
      ),
    );
    const [requestType, resourceType, properties] = JSON.parse(stack.outputs.Got ?? '');
    expect([requestType, resourceType]).toEqual(['Create', 'Custom::Thing']);
    expect(properties).toMatchObject({ Count: '3', On: 'true', List: [{ N: '1' }] });
    expect(properties.ServiceToken).toContain(':function:Shop-Provider');
    expect(only(stack, 'Custom::Thing')?.physicalId).toBe('made');
    expect(account.clock.now()).toBeGreaterThan(Date.UTC(2026, 10, 20, 3, 0, 2));
  });

  it.each([
    ['FAILED with its reason', `{ Status: 'FAILED', Reason: 'no such bucket' }`, 'Message returned: no such bucket'],
    [
      'an answer for something else',
      `{ Status: 'SUCCESS', RequestId: 'other' }`,
      'it is not for this stack, request and resource',
    ],
    ['an answer without an id', `{ Status: 'SUCCESS', PhysicalResourceId: undefined }`, 'Invalid PhysicalResourceId'],
    [
      'an answer that is too long',
      `{ Status: 'SUCCESS', Data: { Got: 'x'.repeat(5000) } }`,
      'Response object is too long.',
    ],
  ])('%s fails the deployment', async (_, body, message) => {
    const deployment = custom(answering(body));
    await expect(deployment).rejects.toThrow(message);
    await expect(deployment).rejects.toThrow(/^Shop\/Thing \(Custom::Thing\): /);
  });

  it('silence fails it after the service time-out, with what went wrong last', async () => {
    const deployment = custom(`export const handler = async () => { throw new RangeError('no'); };`, {
      serviceTimeout: Duration.minutes(10),
    });
    await expect(deployment).rejects.toThrow(
      /did not receive a response from your custom resource.*Its last invocation failed with RangeError\.$/,
    );
  });
});
