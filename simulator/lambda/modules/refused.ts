/**
 * Functions that exist, so that modules link and `instanceof` answers no, and refuse when called: they would leave
 * virtual time or this process.
 */
export function refusals(module: string, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, refusal(module, name)]));
}

/** `exports` completed to all that the real module has: what is not virtual refuses. */
export function covering(module: string, real: object, exports: Readonly<Record<string, unknown>>): object {
  const missing = Object.entries(real).flatMap(([name, value]) =>
    typeof value === 'function' && !Object.hasOwn(exports, name) ? [name] : [],
  );
  return { ...refusals(module, missing), ...exports };
}

function refusal(module: string, name: string): unknown {
  return function refused() {
    throw new Error(`The simulated Lambda runtime has no ${module}.${name}.`);
  };
}
