/** Keeping an ECS service on the task definition that the rollback put there. */
import { releasesIn } from '../actions.ts';
import { familyRevision } from '../ecs.ts';
import { pinned, placeOf } from '../images.ts';
import type { ContainerImage } from '../model.ts';
import type { Drift } from './drift.ts';
import { declaredAs, type Pin, type PinFacts } from './pin.ts';

export function revisionPins(drift: Drift, { plan, running, configuration }: PinFacts): Pin[] {
  const { taskDefinition = '', controller = 'ECS' } = running(drift.side ?? '') ?? {};
  const name = familyRevision(taskDefinition);
  const images = releasesIn(plan, drift.side ?? '').target?.images ?? [];
  const byCodeDeploy = controller === 'CODE_DEPLOY';
  const revision = byCodeDeploy
    ? '// CodeDeploy deploys the newest revision of the family: only the image can be pinned.'
    : `// Or the revision as a whole, with its environment and sizes:\ntaskDefinitionRevision: ecs.TaskDefinitionRevision.of(${name.split(':')[1] ?? ''}),`;
  const cdk: Pin = {
    tool: 'CDK',
    words:
      'Name the image that runs now in the container of the task definition. That brings back the code; what else the release ' +
      'changed in the task definition comes back with the revision, or with a revert of its commit.',
    language: 'ts',
    code: [...images.map((image) => cdkImage(image, configuration)), revision].join('\n'),
  };
  const cloudFormation: Pin = {
    tool: 'CloudFormation',
    words: `Set the property TaskDefinition of ${declaredAs(drift.manager, 'AWS::ECS::Service')}, or the parameter that it takes its image from.`,
    language: 'yaml',
    code: [
      `${drift.manager?.logicalId ?? 'Service'}:`,
      '  Type: AWS::ECS::Service',
      '  Properties:',
      `    TaskDefinition: ${taskDefinition}`,
      ...images.map(({ container, ...image }) => `# or, in container ${container}: Image: ${fixed(image)}`),
    ].join('\n'),
  };
  const terraform: Pin = {
    tool: 'Terraform',
    words:
      'Set task_definition of the aws_ecs_service. ignore_changes is a stopgap: it keeps the next apply from putting the bad release back, ' +
      'and from then on keeps every later release out as well, without a word in the plan. Remove it with the fix.',
    language: 'hcl',
    code: [
      `task_definition = "${name}"`,
      '',
      '# Stopgap only:',
      'lifecycle {',
      '  ignore_changes = [task_definition]',
      '}',
    ].join('\n'),
  };
  return [cdk, cloudFormation, terraform];
}

/** By digest where it is known: a tag may move. */
function cdkImage({ container, ...image }: ContainerImage, here: PinFacts['configuration']): string {
  const { tag, digest, ecr } = placeOf(image.image);
  const comment = `// container ${container}${tag === undefined ? '' : `, ${tag}`}`;
  if (!ecr) return `${comment}\nimage: ecs.ContainerImage.fromRegistry(${quoted(fixed(image))}),`;
  const { account, region, repository } = ecr;
  const id = quoted(`Pinned-${container}`);
  const found =
    account === here.account && region === here.region
      ? `ecr.Repository.fromRepositoryName(this, ${id}, ${quoted(repository)})`
      : `ecr.Repository.fromRepositoryArn(this, ${id}, ${quoted(`arn:aws:ecr:${region}:${account}:repository/${repository}`)})`;
  const reference = image.digest ?? digest ?? tag ?? 'latest';
  return `${comment}\nimage: ecs.ContainerImage.fromEcrRepository(${found}, ${quoted(reference)}),`;
}

/** `registry/shop@sha256:…`, or as it is written where no digest is known. */
const fixed = ({ image, digest }: Omit<ContainerImage, 'container'>): string =>
  digest === undefined ? image : pinned(image, digest);

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
