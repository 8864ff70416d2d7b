/** The CloudFormation stack that a service belongs to, and whether it is being changed now. */
export interface StackView {
  readonly name: string;
  /** As CloudFormation names it, e.g. `UPDATE_IN_PROGRESS`; undefined where nobody could tell, with the reason. */
  readonly status?: string;
  readonly problem?: string;
}

/** Cleaning up comes after the last change of a resource. */
export const isUpdating = ({ status = '' }: StackView): boolean =>
  status.endsWith('_IN_PROGRESS') && !status.endsWith('_CLEANUP_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';

/** Why a person is asked. */
export function updatingStack(service: string, { name, status }: StackView): string {
  return (
    `CloudFormation is changing the stack ${name} of ${service} (${status}): it may set the task definition again, or fail ` +
    'because somebody else did. Wait for it, cancel the update, or go on knowingly.'
  );
}
