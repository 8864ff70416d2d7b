/**
 * The order in which services of one release go back: who depends on another goes before it, one at a time. That is the
 * reverse of the order in which they are deployed, since old code that calls a newer service is what every deployment goes
 * through, and newer code that calls an older service is what nobody has tried.
 */
export interface Node {
  readonly name: string;
  /** Names that no node has are left out of account. */
  readonly dependsOn?: readonly string[];
}

/**
 * Dependents first; among equals as given, so that the same nodes always have the same order. What depends on itself, over
 * however many steps, has no order: such nodes are `cyclic`, with those that they depend on.
 */
export function revertOrder(nodes: readonly Node[]): { readonly order: string[]; readonly cyclic: string[] } {
  const order: string[] = [];
  let left = [...nodes];
  for (;;) {
    const next = left.find(({ name }) => !left.some(({ dependsOn = [] }) => dependsOn.includes(name)));
    if (!next) return { order, cyclic: left.map(({ name }) => name) };
    order.push(next.name);
    left = left.filter((node) => node !== next);
  }
}

/** One way round, `worker, api, worker`; undefined where there is none. */
export function cycleIn(nodes: readonly Node[]): string[] | undefined {
  const { cyclic } = revertOrder(nodes);
  const path = cyclic.slice(0, 1);
  // Each of them has a dependent among them, so that going back from one to the next comes round.
  while (path[0] !== undefined) {
    const [first] = path;
    const dependent = nodes.find(({ name, dependsOn = [] }) => cyclic.includes(name) && dependsOn.includes(first));
    path.unshift(dependent?.name ?? first);
    const again = path.indexOf(path[0] ?? first, 1);
    if (again > 0) return path.slice(0, again + 1);
  }
  return undefined;
}
