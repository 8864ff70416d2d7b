/** The CDK app that `cdk.json` names. Which configuration: BACKSTEP_CONFIG, or `-c backstep:config=<path>`, or cdk.json's. */
import { App, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigurationError } from '../lib/config/errors.ts';
import { loadConfiguration } from '../lib/config/load.ts';
import { BackstepStack } from '../lib/constructs/stack.ts';

const unusableInput = 64;

try {
  const app = new App();
  const path: unknown = process.env.BACKSTEP_CONFIG || app.node.tryGetContext('backstep:config');
  const { environments, warnings } = loadConfiguration(typeof path === 'string' ? path : 'backstep.json');
  for (const warning of warnings) console.error(`Note: ${warning}`);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  for (const configuration of Object.values(environments)) new BackstepStack(app, { configuration });
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.message);
  process.exitCode = unusableInput;
}
