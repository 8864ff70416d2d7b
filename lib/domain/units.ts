/** The ECS services that a rollback may put back: the sides of a service, and its companions. */
import type { Companion, ServiceConfiguration, Side } from './model.ts';

/** Sides first. */
export const unitsOf = ({ sides, companions = [] }: Pick<ServiceConfiguration, 'sides' | 'companions'>): Side[] => [
  ...sides,
  ...companions,
];

export const isCompanion = (unit: Side): unit is Companion => 'dependsOn' in unit;

/** `side main`, `companion worker` */
export const called = (unit: Side): string => `${isCompanion(unit) ? 'companion' : 'side'} ${unit.name}`;

/** `Side main`, `Companion worker` */
export const calledFirst = (unit: Side): string => `${isCompanion(unit) ? 'Companion' : 'Side'} ${unit.name}`;
