/** Turns a `fault` event into the hook that the account asks before every call, invocation and event. */
import type { Random } from '../random.ts';
import { AwsError, type FaultEffect, type FaultHook, type FaultPoint } from '../service.ts';
import { milliseconds } from './duration.ts';
import type { EventOf } from './events.ts';

type Fault = EventOf<'fault'>;

/** @param now the account's clock, milliseconds since the epoch */
export function faultHook(fault: Fault, random: Random, now: () => number): FaultHook {
  const endMs = fault.for === undefined ? Number.POSITIVE_INFINITY : now() + milliseconds(fault.for);
  let left = fault.count ?? Number.POSITIVE_INFINITY;
  return (point) => {
    if (left <= 0 || now() >= endMs || !concerns(fault.on, point)) return undefined;
    if (fault.probability !== undefined && random.next() >= fault.probability) return undefined;
    left -= 1;
    return effectOf(fault.effect, point);
  };
}

function concerns(on: Fault['on'], point: FaultPoint): boolean {
  switch (point.kind) {
    case 'call': {
      const [service, operation] = on.call?.split(':') ?? [];
      return (
        point.service === service &&
        (operation === '*' || operation === point.operation) &&
        (on.by === undefined || point.principal.includes(on.by))
      );
    }
    case 'invocation':
      return on.invocation !== undefined && point.functionName.includes(on.invocation);
    case 'event':
      return point.detailType === on.event;
  }
}

function effectOf(effect: Fault['effect'], point: FaultPoint): FaultEffect {
  const base = {
    ...(effect.latency !== undefined && { delayMs: milliseconds(effect.latency) }),
    ...(effect.duplicate !== undefined && { deliveries: effect.duplicate }),
  };
  if (point.kind === 'event') return effect.lost ? { ...base, deliveries: 0 } : base;
  const { error } = effect;
  const failure = error
    ? new AwsError(error.code, error.message, { status: error.status })
    : new AwsError('InternalServerError', 'The answer was lost: injected by the scenario', { status: 500 });
  if (effect.lost) return { ...base, errorAfter: failure };
  return error ? { ...base, error: failure } : base;
}
