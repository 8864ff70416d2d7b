/** The smallest change to infrastructure as code that keeps what the rollback put there, by tool. */
import type { Manager } from '../model.ts';
import type { Drift } from './drift.ts';
import type { Pin, PinFacts, Tool } from './pin.ts';
import { revisionPins } from './revision-pins.ts';
import { countPins, weightPins } from './traffic-pins.ts';

/** Empty where it ends by itself, or nothing declares it. */
export function pinsFor(drift: Drift, facts: PinFacts): Pin[] {
  const pins = pinsOf(drift, facts);
  const tools = toolsOf(drift.manager);
  return pins.filter(({ tool }) => tools.includes(tool));
}

/** CDK deploys through CloudFormation; where no tag tells, any of them may be it. */
export function toolsOf(manager: Manager | undefined): readonly Tool[] {
  if (manager?.by === 'cloudformation') return ['CDK', 'CloudFormation'];
  return manager?.by === 'terraform' ? ['Terraform'] : ['CDK', 'CloudFormation', 'Terraform'];
}

function pinsOf(drift: Drift, facts: PinFacts): Pin[] {
  switch (drift.kind) {
    case 'task definition':
      return revisionPins(drift, facts);
    case 'weights':
      return weightPins(drift, facts);
    case 'desired count':
      return countPins(drift);
    case 'copy':
    case 'stickiness':
    case 'scaling':
      return [];
  }
}
