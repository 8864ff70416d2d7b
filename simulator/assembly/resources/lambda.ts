import type { Created, Creation } from '../creation.ts';

export function lambdaFunction(creation: Creation): Created {
  creation.expect(
    [
      'Code',
      'FunctionName',
      'Handler',
      'Role',
      'Runtime',
      'Timeout',
      'MemorySize',
      'Environment',
      'ReservedConcurrentExecutions',
    ],
    ['Architectures', 'Description', 'LoggingConfig', 'TracingConfig', 'EphemeralStorage', 'PackageType', 'KmsKeyArn'],
  );
  const { account, assets } = creation;
  const runtime = creation.text('Runtime');
  if (!runtime.startsWith('nodejs')) throw creation.failed(`the runtime ${runtime} is not implemented.`);
  const { S3Bucket: bucket, S3Key: key } = creation.object('Code');
  const codeDir = assets.directory(String(bucket), String(key));
  if (codeDir === undefined) throw creation.failed('its code is not a directory of the assembly.');
  const name = creation.name(creation.properties.FunctionName);
  const arn = account.arn('lambda', `function:${name}`);
  const variables = creation.object('Environment').Variables ?? {};
  const reserved = creation.number('ReservedConcurrentExecutions', -1);
  account.lambda.createFunction({
    arn,
    name,
    codeDir,
    roleArn: creation.text('Role'),
    handler: creation.text('Handler'),
    environment: Object.fromEntries(Object.entries(variables).map(([variable, value]) => [variable, String(value)])),
    timeoutSeconds: creation.number('Timeout', 3),
    memoryMb: creation.number('MemorySize', 128),
    ...(reserved >= 0 ? { reservedConcurrency: reserved } : {}),
  });
  return { physicalId: name, arn, attributes: { Arn: arn } };
}

export function version(creation: Creation): Created {
  creation.expect(['FunctionName'], ['Description', 'CodeSha256']);
  const functionArn = arnOf(creation);
  const arn = creation.account.lambda.publishVersion(functionArn);
  return { physicalId: arn, arn, attributes: { Version: arn.split(':').at(-1) ?? '', FunctionArn: functionArn } };
}

export function alias(creation: Creation): Created {
  creation.expect(['FunctionName', 'FunctionVersion', 'Name'], ['Description']);
  const { lambda } = creation.account;
  const arn = lambda.createAlias(arnOf(creation), creation.text('Name'), creation.text('FunctionVersion'));
  return { physicalId: arn, arn, attributes: { AliasArn: arn } };
}

export function permission(creation: Creation): Created {
  creation.expect(
    ['FunctionName', 'Principal', 'SourceArn', 'Action', 'FunctionUrlAuthType', 'InvokedViaFunctionUrl'],
    ['SourceAccount'],
  );
  creation.account.lambda.permissions.add(arnOf(creation), {
    action: creation.text('Action'),
    principal: creation.text('Principal'),
    sourceArn: creation.optionalText('SourceArn'),
    functionUrlAuthType: creation.optionalText('FunctionUrlAuthType'),
    invokedViaFunctionUrl: String(creation.properties.InvokedViaFunctionUrl ?? false) === 'true',
  });
  return { physicalId: creation.name(undefined), attributes: {} };
}

export function eventInvokeConfig(creation: Creation): Created {
  creation.expect([
    'FunctionName',
    'Qualifier',
    'MaximumRetryAttempts',
    'MaximumEventAgeInSeconds',
    'DestinationConfig',
  ]);
  const { OnSuccess: onSuccess, OnFailure: onFailure } = creation.object('DestinationConfig') as {
    OnSuccess?: object;
    OnFailure?: { Destination?: string };
  };
  if (onSuccess) throw creation.failed('a destination for successes is not implemented.');
  const qualifier = creation.text('Qualifier');
  const functionArn = arnOf(creation);
  creation.account.lambda.configureEvents(qualifier === '$LATEST' ? functionArn : `${functionArn}:${qualifier}`, {
    maximumRetryAttempts: creation.number('MaximumRetryAttempts', 2),
    maximumEventAgeSeconds: creation.number('MaximumEventAgeInSeconds', 21_600),
    ...(onFailure?.Destination ? { onFailureArn: onFailure.Destination } : {}),
  });
  return { physicalId: creation.name(undefined), attributes: {} };
}

export function url(creation: Creation): Created {
  creation.expect(['TargetFunctionArn', 'Qualifier', 'AuthType', 'InvokeMode']);
  const authType = creation.text('AuthType');
  if (authType !== 'AWS_IAM' && authType !== 'NONE') throw creation.failed(`the AuthType ${authType} is none.`);
  const mode = creation.optionalText('InvokeMode') ?? 'BUFFERED';
  if (mode !== 'BUFFERED') throw creation.failed(`the InvokeMode ${mode} is not implemented.`);
  const target = creation.text('TargetFunctionArn');
  const { account } = creation;
  const plain = target.startsWith('arn:') ? target : account.arn('lambda', `function:${target}`);
  const qualifier = creation.optionalText('Qualifier');
  const arn = qualifier === undefined ? plain : `${plain}:${qualifier}`;
  if (!account.lambda.exists(arn)) throw creation.failed(`there is no function ${arn}.`);
  const { url: address } = account.lambda.urls.create(arn, authType);
  return { physicalId: arn, arn, attributes: { FunctionUrl: address, FunctionArn: arn } };
}

/** `FunctionName` is a name or any ARN of the function. */
function arnOf(creation: Creation): string {
  const name = creation.text('FunctionName');
  return name.startsWith('arn:') ? name : creation.account.arn('lambda', `function:${name}`);
}
