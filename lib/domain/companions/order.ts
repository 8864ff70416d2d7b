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
 * Each as early as those allow that depend on it; the first given comes first. The same nodes always have the same order.
 * Only of nodes without a cycle.
 */
export function revertOrder(nodes: readonly Node[]): string[] {
  const order = new Set<string>();
  const place = ({ name }: Node): void => {
    if (order.has(name)) return;
    for (const dependent of nodes.filter(({ dependsOn = [] }) => dependsOn.includes(name))) place(dependent);
    order.add(name);
  };
  nodes.forEach(place);
  return [...order];
}

/** One way round, `worker, api, worker`; undefined where there is none. */
export function cycleIn(nodes: readonly Node[]): string[] | undefined {
  const cyclic = withDependents(nodes);
  const path = cyclic.slice(0, 1).map(({ name }) => name);
  // Each of them has a dependent among them, so that going back from one to the next comes round.
  while (path[0] !== undefined) {
    const [first] = path;
    const dependent = cyclic.find(({ dependsOn = [] }) => dependsOn.includes(first));
    path.unshift(dependent?.name ?? first);
    const again = path.indexOf(path[0] ?? first, 1);
    if (again > 0) return path.slice(0, again + 1);
  }
  return undefined;
}

/** Without those that nothing depends on, and those that then nothing depends on any more, and so on. */
function withDependents(nodes: readonly Node[]): readonly Node[] {
  const left = nodes.filter(({ name }) => nodes.some(({ dependsOn = [] }) => dependsOn.includes(name)));
  return left.length === nodes.length ? left : withDependents(left);
}
