import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import type { Installation } from '../domain/installation.ts';
import { installationParameter } from '../domain/names.ts';
import { type FunctionName, workflowFunctions } from './function-names.ts';
import { projectRoot } from './project.ts';

export interface DirectoryProps {
  readonly environment: string;
  /** What the command needs to find; the functions of the workflow are added here. */
  readonly installation: Omit<Installation, 'environment' | 'functions'>;
  readonly functions: Readonly<Record<FunctionName, LambdaFunction>>;
}

/** One SSM parameter that tells the command where everything is. It holds no secret: who may do what, IAM decides. */
export class Directory extends Construct {
  constructor(scope: Construct, id: string, { environment, installation, functions }: DirectoryProps) {
    super(scope, id);
    new StringParameter(this, 'Installation', {
      parameterName: installationParameter(environment),
      description: `Backstep: where the parts of ${environment} are. Written by the deployment.`,
      tier: ParameterTier.STANDARD,
      // Names that only the deployment knows are filled in then. 4 KB are the limit, which test/constructs holds it to.
      stringValue: Stack.of(this).toJsonString({
        ...installation,
        functions: Object.fromEntries(
          workflowFunctions.map((name) => [name, functions[name].currentVersion.functionArn]),
        ),
        version: version(),
      }),
    });
  }
}

/** Backstep's own, as the package says. */
const version = (): string => JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).version as string;
