/** An AppSpec of the ECS compute platform, JSON or YAML. */
import { createHash } from 'node:crypto';
import type { RevisionLocation } from '@aws-sdk/client-codedeploy';
import { AwsError } from '../../service.ts';
import { parseYaml, type Yaml } from './yaml.ts';

export interface AppSpec {
  /** ARN. */
  readonly taskDefinition: string;
  readonly containerName: string;
  readonly containerPort: number;
}

const invalid = (message: string) => new AwsError('InvalidRevisionException', message);

/** @throws AwsError `RevisionRequiredException` or `InvalidRevisionException` */
export function readRevision(revision: RevisionLocation | undefined): AppSpec {
  if (!revision) throw new AwsError('RevisionRequiredException', 'Revision is missing');
  const { revisionType, appSpecContent, string } = revision;
  if (revisionType === 'S3') throw new Error('CreateDeployment with an AppSpec in S3 is not simulated');
  const given = revisionType === 'AppSpecContent' ? appSpecContent : revisionType === 'String' ? string : undefined;
  if (!given?.content) throw invalid('An AppSpec file is required, but could not be found in the revision');
  const { content, sha256 } = given;
  if (sha256 !== undefined && sha256 !== hashOf(content)) throw invalid('The sha256 does not match the content');
  return appSpecOf(parse(content));
}

/** The revision that deploys a task definition. */
export function revisionOf({ taskDefinition, containerName, containerPort }: AppSpec): RevisionLocation {
  const content = JSON.stringify({
    version: 0.0,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: taskDefinition,
            LoadBalancerInfo: { ContainerName: containerName, ContainerPort: containerPort },
          },
        },
      },
    ],
  });
  return { revisionType: 'AppSpecContent', appSpecContent: { content, sha256: hashOf(content) } };
}

function parse(content: string): Yaml {
  try {
    return content.trimStart().startsWith('{') ? (JSON.parse(content) as Yaml) : parseYaml(content);
  } catch (error) {
    throw invalid(`The AppSpec content is neither valid JSON nor valid YAML: ${(error as Error).message}`);
  }
}

function appSpecOf(document: Yaml): AppSpec {
  const resources = field(document, 'Resources');
  const target = Array.isArray(resources) ? resources.map((one) => field(one, 'TargetService')).find(Boolean) : null;
  if (field(target ?? null, 'Type') !== 'AWS::ECS::Service') {
    throw invalid('The AppSpec file must have one Resources entry TargetService of Type AWS::ECS::Service');
  }
  const properties = field(target ?? null, 'Properties');
  const taskDefinition = field(properties, 'TaskDefinition');
  const loadBalancer = field(properties, 'LoadBalancerInfo');
  const containerName = field(loadBalancer, 'ContainerName');
  const containerPort = Number(field(loadBalancer, 'ContainerPort'));
  if (typeof taskDefinition !== 'string' || !taskDefinition.startsWith('arn:')) {
    throw invalid('The AppSpec file must name the ARN of a task definition in TaskDefinition');
  }
  if (typeof containerName !== 'string' || !Number.isInteger(containerPort) || containerPort < 1) {
    throw invalid('The AppSpec file must name ContainerName and ContainerPort in LoadBalancerInfo');
  }
  return { taskDefinition, containerName, containerPort };
}

const field = (value: Yaml, name: string): Yaml =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value[name] ?? null) : null;

const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex');
