import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cycleIn, type Node, revertOrder } from '../../../lib/domain/companions/order.ts';

describe('revertOrder', () => {
  test.each<[string, Node[], string[]]>([
    [
      'without dependencies as given',
      [{ name: 'main' }, { name: 'api' }, { name: 'worker' }],
      ['main', 'api', 'worker'],
    ],
    [
      'who calls the side goes before it, and nobody else',
      [{ name: 'main' }, { name: 'api' }, { name: 'worker', dependsOn: ['main'] }],
      ['worker', 'main', 'api'],
    ],
    [
      'a chain from its end',
      [{ name: 'a' }, { name: 'b', dependsOn: ['a'] }, { name: 'c', dependsOn: ['b'] }],
      ['c', 'b', 'a'],
    ],
    ['a name that is not there changes nothing', [{ name: 'a', dependsOn: ['gone'] }, { name: 'b' }], ['a', 'b']],
  ])('%s', (_name, nodes, order) => {
    expect(revertOrder(nodes)).toEqual(order);
  });

  /** Any graph without cycles: each node may depend on those before it, and then they are shuffled. */
  const acyclic = fc
    .integer({ min: 1, max: 9 })
    .chain((size) =>
      fc.tuple(
        ...Array.from({ length: size }, (_, index) =>
          fc
            .subarray(Array.from({ length: index }, (_, before) => `n${before}`))
            .map((dependsOn): Node => ({ name: `n${index}`, dependsOn })),
        ),
      ),
    )
    .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }));

  test('of any graph without cycles has every node once, dependents before what they depend on, and is always the same', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const order = revertOrder(nodes);
        expect([...order].sort()).toEqual(nodes.map(({ name }) => name).sort());
        for (const { name, dependsOn = [] } of nodes)
          for (const other of dependsOn) expect(order.indexOf(name)).toBeLessThan(order.indexOf(other));
        expect(revertOrder(nodes)).toEqual(order);
        expect(cycleIn(nodes)).toBeUndefined();
      }),
    );
  });

  test('a way round is named where there is one, and nowhere else', () => {
    const anyName = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const graph = fc.uniqueArray(fc.record({ name: anyName, dependsOn: fc.uniqueArray(anyName, { maxLength: 3 }) }), {
      selector: ({ name }) => name,
    });
    fc.assert(
      fc.property(graph, (nodes) => {
        const cycle = cycleIn(nodes);
        if (cycle) {
          expect(cycle[0]).toBe(cycle.at(-1));
          cycle.slice(1).forEach((name, index) => {
            expect(nodes.find((node) => node.name === cycle[index])?.dependsOn).toContain(name);
          });
          return;
        }
        const order = revertOrder(nodes);
        for (const { name, dependsOn } of nodes)
          for (const other of dependsOn.filter((one) => order.includes(one)))
            expect(order.indexOf(name)).toBeLessThan(order.indexOf(other));
      }),
    );
  });
});
