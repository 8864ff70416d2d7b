/**
 * How a service gets to the target, by who deploys it, how its newest deployment stands, and what the target is to that
 * deployment. The whole decision is this table; docs/reversal.md prints it, and every cell of it is played.
 */

/** Who deploys a service, and how. */
export const kinds = ['rolling', 'daemon', 'blue/green', 'linear', 'canary', 'CodeDeploy', 'external'] as const;
export type Kind = (typeof kinds)[number];

/** How its newest deployment stands. */
export const states = ['finished', 'under way', 'paused', 'rolling back', 'given up'] as const;
export type State = (typeof states)[number];

/**
 * What the target is to that deployment: `there`, what the service runs; `destination`, what the deployment goes to;
 * `source`, what it would return to; `elsewhere`, none of these.
 */
export const positions = ['there', 'destination', 'source', 'elsewhere'] as const;
export type Position = (typeof positions)[number];

export const mechanisms = [
  'nothing',
  'join',
  'update-service',
  'update-service afterwards',
  'stop-service-deployment',
  'continue-hook-rollback',
  'codedeploy-stop',
  'codedeploy-create',
  'codedeploy-stop, then codedeploy-create',
  'codedeploy-create afterwards',
  'refused',
] as const;
export type Cell = (typeof mechanisms)[number];

interface Row {
  readonly kinds: readonly Kind[];
  readonly state: State;
  readonly position: Position;
  readonly cell: Cell;
  /** One sentence for people who wonder. */
  readonly why: string;
}

const rolling: readonly Kind[] = ['rolling', 'daemon'];
const native: readonly Kind[] = ['blue/green', 'linear', 'canary'];
const ecs: readonly Kind[] = [...rolling, ...native];
const codeDeploy: readonly Kind[] = ['CodeDeploy'];
const external: readonly Kind[] = ['external'];

const row = (kinds: readonly Kind[], state: State, position: Position, cell: Cell, why: string): Row => ({
  kinds,
  state,
  position,
  cell,
  why,
});

export const table: readonly Row[] = [
  row(ecs, 'finished', 'there', 'nothing', 'It runs the target.'),
  row(ecs, 'finished', 'elsewhere', 'update-service', 'A finished deployment cannot be stopped.'),
  row(ecs, 'under way', 'destination', 'join', 'It brings the target: it is awaited.'),
  row(
    ecs,
    'under way',
    'source',
    'stop-service-deployment',
    'Its way back leads to the target, whose tasks still run.',
  ),
  row(
    ecs,
    'under way',
    'elsewhere',
    'update-service',
    'Its way back leads to something else; a newer deployment replaces it.',
  ),
  row(
    native,
    'paused',
    'destination',
    'refused',
    'Somebody wants to be asked before the target is brought: that gate is theirs.',
  ),
  row(
    native,
    'paused',
    'source',
    'continue-hook-rollback',
    'The pause is answered with ROLLBACK: that leads to the target.',
  ),
  row(native, 'paused', 'elsewhere', 'update-service', 'Answered with ROLLBACK it would lead to something else.'),
  row(ecs, 'rolling back', 'destination', 'join', 'ECS goes back to the target by itself: it is awaited, not fought.'),
  row(
    ecs,
    'rolling back',
    'elsewhere',
    'update-service afterwards',
    'ECS is let finish first; what it returns to is not the target.',
  ),
  row(ecs, 'given up', 'there', 'refused', 'ECS could not start the target: starting it again would end the same.'),
  row(ecs, 'given up', 'elsewhere', 'update-service', 'ECS gave the deployment up and left the rest to others.'),
  row(codeDeploy, 'finished', 'there', 'nothing', 'It runs the target.'),
  row(codeDeploy, 'finished', 'elsewhere', 'codedeploy-create', 'A new deployment of the target, all at once.'),
  row(codeDeploy, 'under way', 'destination', 'join', 'It brings the target: it is awaited.'),
  row(
    codeDeploy,
    'under way',
    'source',
    'codedeploy-stop',
    'Stopped with its rollback it leads to the target, whose tasks still run.',
  ),
  row(
    codeDeploy,
    'under way',
    'elsewhere',
    'codedeploy-stop, then codedeploy-create',
    'A group deploys one at a time; its rollback comes first.',
  ),
  row(
    codeDeploy,
    'paused',
    'destination',
    'refused',
    'Somebody wants to be asked before the target gets the traffic: that gate is theirs.',
  ),
  row(
    codeDeploy,
    'paused',
    'source',
    'codedeploy-stop',
    'Stopped with its rollback it leads to the target, whose tasks still run.',
  ),
  row(
    codeDeploy,
    'paused',
    'elsewhere',
    'codedeploy-stop, then codedeploy-create',
    'A group deploys one at a time; its rollback comes first.',
  ),
  row(
    codeDeploy,
    'rolling back',
    'destination',
    'join',
    'CodeDeploy goes back to the target by itself: it is awaited, not fought.',
  ),
  row(codeDeploy, 'rolling back', 'elsewhere', 'codedeploy-create afterwards', 'CodeDeploy is let finish first.'),
  row(
    codeDeploy,
    'given up',
    'there',
    'codedeploy-create',
    'What it left may share the traffic: a whole deployment tidies up.',
  ),
  row(
    codeDeploy,
    'given up',
    'elsewhere',
    'codedeploy-create',
    'What it left may share the traffic: a whole deployment tidies up.',
  ),
  row(external, 'finished', 'there', 'nothing', 'It runs the target.'),
  row(external, 'finished', 'elsewhere', 'refused', 'Only its own controller can deploy it.'),
];

export interface TableCell extends Omit<Row, 'kinds'> {
  readonly kind: Kind;
}

export const cells: readonly TableCell[] = table.flatMap(({ kinds: of, ...rest }) =>
  of.map((kind) => ({ kind, ...rest })),
);

/** @throws Error where facts were combined that cannot be */
export function lookUp(kind: Kind, state: State, position: Position): TableCell {
  const found = cells.find((cell) => cell.kind === kind && cell.state === state && cell.position === position);
  if (!found) throw new Error(`The table of reversals has no ${kind}, ${state}, ${position}.`);
  return found;
}

/** As docs/reversal.md prints it. */
export function tableMarkdown(): string {
  const head = ['who deploys', 'newest deployment', 'the target is', 'what is done', 'why'];
  const lines = table.map(({ kinds: of, state, position, cell, why }) => [
    of.length === ecs.length ? 'ECS, all strategies' : of.join(', '),
    state,
    position,
    cell,
    why,
  ]);
  return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}
