/**
 * The AppSpec of a CodeDeploy deployment on ECS, JSON or YAML. A rollback deploys what the last successful deployment
 * deployed, hooks and ports included, with another task definition.
 */

export interface Container {
  readonly name: string;
  readonly port: number;
}

const inYaml = /^([ \t-]*["']?TaskDefinition["']?[ \t]*:[ \t]*)(["']?)([^"'\s#]+)\2/m;
const inJson = /("TaskDefinition"\s*:\s*")([^"]*)(")/;

/** The task definition that an AppSpec deploys; undefined where it names none. */
export function taskDefinitionIn(content: string): string | undefined {
  return isJson(content) ? inJson.exec(content)?.[2] : inYaml.exec(content)?.[3];
}

/** @returns undefined where the content names no task definition that could be replaced */
export function withTaskDefinition(content: string, taskDefinition: string): string | undefined {
  if (taskDefinitionIn(content) === undefined) return undefined;
  return isJson(content)
    ? content.replace(inJson, (_, before, _old, after) => `${before}${taskDefinition}${after}`)
    : content.replace(inYaml, (_, before) => `${before}"${taskDefinition}"`);
}

/** Where no earlier AppSpec can be read: the least that ECS needs. */
export function plainAppSpec(taskDefinition: string, { name, port }: Container): string {
  const Properties = { TaskDefinition: taskDefinition, LoadBalancerInfo: { ContainerName: name, ContainerPort: port } };
  return JSON.stringify({ version: 0.0, Resources: [{ TargetService: { Type: 'AWS::ECS::Service', Properties } }] });
}

const isJson = (content: string): boolean => content.trimStart().startsWith('{');
