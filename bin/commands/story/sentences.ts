/** Facts in a sentence. Pure. */
import type { ExecutionDocument } from '../../../simulator/scenario/document.ts';
import type { Deployed, ServiceFact, Trouble } from './facts.ts';
import { clip, imageTag } from './text.ts';

export function serviceText(fact: ServiceFact): string {
  const images = fact.images.map(imageTag).join(', ');
  const tasks = `${fact.runningCount} of ${fact.desiredCount} tasks`;
  if (fact.kind === 'running') return `${fact.service} runs ${fact.taskDefinition} (${images}), ${tasks}.`;
  if (fact.kind === 'rolled-out') return `ECS: ${fact.service} has rolled out ${fact.taskDefinition}, ${tasks}.`;
  return `ECS: ${fact.service} goes from ${fact.before} to ${fact.taskDefinition} (${images}).`;
}

/** The message of a Lambda's error without its trace. */
export function troubleText({ state, error, cause }: Trouble): string {
  const message = /"errorMessage"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(cause)?.[1];
  return `${state} failed with ${error}: ${clip(message ? (JSON.parse(message) as string) : cause, 200)}`;
}

/** Undefined where it was stopped, or ran out of time. */
export function rollbackOf({ output, cause }: ExecutionDocument): string | undefined {
  const [said] = [output, cause].filter((part) => typeof part === 'object' && part !== null && !Array.isArray(part));
  return (said as { rollbackId?: string } | undefined)?.rollbackId;
}

export const weightsText = (weights: Readonly<Record<string, number>>): string =>
  Object.entries(weights)
    .map(([group, weight]) => `${group} ${weight}`)
    .join(', ');

export const deployedText = ({
  stackName,
  account,
  region,
  alarms,
  rules,
  functions,
  stateMachines,
}: Deployed): string =>
  `${stackName} is deployed into the simulated account ${account}, ${region}: ${alarms} alarms, ${rules} rules, ` +
  `${stateMachines} state machine${stateMachines === 1 ? '' : 's'}, ${functions} Lambdas.`;

/** `admitted` -> `Admitted`, `lock.taken` -> `Lock taken` */
export const sentenceCase = (kind: string): string => {
  const words = kind.replace(/[.-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};
