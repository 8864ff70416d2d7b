/** Puts a scenario's events on the account's clock. Each is done by the account's operator or by the world. */
import type { SetAlarmStateCommandInput } from '@aws-sdk/client-cloudwatch';
import type { RedriveExecutionCommandInput, StopExecutionCommandInput } from '@aws-sdk/client-sfn';
import type { PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { stateMachineArn } from '../../lib/domain/names.ts';
import { operator } from '../iam.ts';
import { AwsError, type SimulatedService } from '../service.ts';
import type { Execution } from '../services/states.ts';
import { changeImage, codeDeploy, continueDeployment, stopDeployment } from '../world/deployment-events.ts';
import {
  deployRelease,
  putSeries,
  registerTaskDefinition,
  setBehaviour,
  setDatabase,
  setWeights,
} from '../world/events.ts';
import { answerQuestion } from './answers.ts';
import { milliseconds } from './duration.ts';
import type { EventOf, ScenarioEvent } from './events.ts';
import { rollbacksOf } from './executions.ts';
import { faultHook } from './faults.ts';
import { unusable } from './issues.ts';
import { removePermission } from './permissions.ts';
import type { LiveRun } from './run.ts';

export function schedule(run: LiveRun): void {
  run.scenario.events.forEach((event, index) => {
    run.account.clock.at(run.startMs + milliseconds(event.at), async () => {
      try {
        await happen(run, event);
      } catch (error) {
        throw unusable(error, `events[${index}]`, `${event.type} at ${event.at}`, 'an event that can happen by then');
      }
    });
  });
}

function happen(run: LiveRun, event: ScenarioEvent): unknown {
  const { account } = run;
  switch (event.type) {
    case 'deploy':
      return deployRelease(account, event);
    case 'register':
      return registerTaskDefinition(account, event.taskDefinition);
    case 'behaviour':
      return setBehaviour(account, event.taskDefinition, event.behaviour);
    case 'database':
      return setDatabase(account, event);
    case 'weights':
      return setWeights(account, event);
    case 'metric':
      return putSeries(account, event);
    case 'alarm': {
      const input: SetAlarmStateCommandInput = {
        AlarmName: event.name,
        StateValue: event.state,
        StateReason: event.reason,
      };
      return operate(account.cloudwatch, 'SetAlarmState', input);
    }
    case 'start':
      return start(run, event);
    case 'stop':
      return stop(run, event);
    case 'redrive':
      return redrive(run, event);
    case 'fault':
      account.faults.push(faultHook(event, account.random.fork(`fault ${event.at}`), () => account.clock.now()));
      return undefined;
    case 'parameter': {
      const input: PutParameterCommandInput = { Name: event.name, Value: event.value, Type: 'String', Overwrite: true };
      return operate(account.ssm, 'PutParameter', input);
    }
    case 'approve':
    case 'decline':
      return answerQuestion(run, event);
    case 'removePermission':
      return removePermission(account, event.function, event.action);
    case 'codeDeploy':
      return codeDeploy(account, event);
    case 'stopDeployment':
      return stopDeployment(account, event);
    case 'continueDeployment':
      return continueDeployment(account, event);
    case 'scale':
      return account.ecs.updateService(event);
    case 'deregister':
      return operate(account.ecs, 'DeregisterTaskDefinition', { taskDefinition: event.taskDefinition });
    case 'image':
      return changeImage(account, event);
  }
}

/** What AWS refuses to start (text that is not JSON, a name used twice) leaves no execution: that is the finding. */
function start({ account, environment }: LiveRun, event: EventOf<'start'>): void {
  try {
    account.states.startExecution({
      stateMachineArn: stateMachineArn('aws', account.region, account.id, environment),
      input: event.inputText ?? JSON.stringify(event.input),
      ...(event.name === undefined ? {} : { name: event.name }),
      principal: operator,
    });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
}

function stop(run: LiveRun, event: EventOf<'stop'>): unknown {
  const { arn: executionArn } = executionOf(run, event);
  const input: StopExecutionCommandInput = { executionArn, error: event.error, cause: event.cause };
  return operate(run.account.states, 'StopExecution', input);
}

function redrive(run: LiveRun, event: EventOf<'redrive'>): unknown {
  const input: RedriveExecutionCommandInput = { executionArn: executionOf(run, event).arn };
  return operate(run.account.states, 'RedriveExecution', input);
}

function executionOf(run: LiveRun, event: EventOf<'stop' | 'redrive'>): Execution {
  const executions = rollbacksOf(run);
  const execution = executions.at(event.execution === undefined ? -1 : event.execution - 1);
  if (!execution) throw new Error(`there are ${executions.length} executions so far`);
  return execution;
}

/** A call by the account's operator: authorized for everything, not counted as Backstep's. */
export function operate(service: SimulatedService, name: string, input: object): unknown {
  const operation = service.operations[name];
  if (!operation) throw new Error(`the simulated ${service.iamPrefix} has no operation ${name}`);
  return operation.run(input, { principal: operator, requestId: 'scenario' });
}
