/** Functions that exist, so that modules link, and refuse when called: they would leave virtual time or this process. */
export function refusals(module: string, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.map((name) => [
      name,
      () => {
        throw new Error(`The simulated Lambda runtime has no ${module}.${name}.`);
      },
    ]),
  );
}
