/**
 * Who manages what a rollback may change, as far as tags say it. CloudFormation sets its tags itself and nobody else can,
 * so they are proof; those of Terraform are a team's convention; without any, nothing is known and nothing is guessed.
 * A CDK app deploys through CloudFormation, and no tag tells the two apart.
 */
import type { Manager, Tag } from '../model.ts';

/** @param tags undefined where nobody could read them */
export function managerOf(resource: string, tags: readonly Tag[] | undefined): Manager {
  if (!tags) return { resource, by: 'unknown', evidence: 'Its tags could not be read.' };
  const value = (name: string): string | undefined => tags.find(({ key }) => key === name)?.value || undefined;
  const stack = value('aws:cloudformation:stack-name');
  const logicalId = value('aws:cloudformation:logical-id');
  if (stack) {
    const named = logicalId ? ` and logical ID ${logicalId}` : '';
    const evidence = `CloudFormation tagged it with stack ${stack}${named}; a CDK app deploys through CloudFormation as well.`;
    return { resource, by: 'cloudformation', stack, ...(logicalId && { logicalId }), evidence };
  }
  const convention = tags.find(({ key, value: text }) => conventional(key) && /^(terraform|opentofu)\b/i.test(text));
  if (convention) {
    const evidence = `Its tag ${convention.key} says ${convention.value}: a convention, which nothing enforces.`;
    return { resource, by: 'terraform', evidence };
  }
  return { resource, by: 'unknown', evidence: 'No tag of it says who manages it.' };
}

/** `ManagedBy`, `managed-by`, `managed_by`, `provisioner`, `iac`, in any case. */
const conventional = (key: string): boolean =>
  ['managedby', 'provisioner', 'provisionedby', 'iac', 'iactool'].includes(key.toLowerCase().replace(/[^a-z]/g, ''));
