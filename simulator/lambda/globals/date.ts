import vm from 'node:vm';

/**
 * Puts a context's own `Date` on virtual time. `new Date()` and `Date()` read the clock, everything else is the
 * language's: the proxy keeps `instanceof`, subclasses, `parse` and `UTC`.
 */
export function installDate(context: vm.Context, now: () => number): void {
  const install = vm.runInContext(
    `(now) => {
      const Intrinsic = Date;
      Intrinsic.now = () => now();
      const Virtual = new Proxy(Intrinsic, {
        apply: () => new Intrinsic(now()).toString(),
        construct: (target, args, newTarget) =>
          Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget === Virtual ? target : newTarget),
      });
      Object.defineProperty(Intrinsic.prototype, 'constructor', { value: Virtual, writable: true, configurable: true });
      Object.defineProperty(globalThis, 'Date', { value: Virtual, writable: true, configurable: true });
    }`,
    context,
  ) as (now: () => number) => void;
  install(now);
}
