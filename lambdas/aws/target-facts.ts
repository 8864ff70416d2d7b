/**
 * What is known of the release to go back to: its task definition, its images and what they need, and whether a copy has
 * to be registered. Of one that can be started, three calls behind one another, each with a bound of seconds.
 */
import { primaryDeployment, type TaskDefinitionView } from '../../lib/domain/ecs.ts';
import { type ImageVerdict, judgeImage } from '../../lib/domain/images.ts';
import { canonicalJson } from '../../lib/domain/json.ts';
import type { CopyOrder, RollbackContext, ServiceConfiguration } from '../../lib/domain/model.ts';
import { copyKey } from '../../lib/domain/names.ts';
import { type NeedFacts, needsOf } from '../../lib/domain/needs.ts';
import type { Goal, PlanFacts, SideFacts } from '../../lib/domain/plan-facts.ts';
import type { Candidate } from '../../lib/domain/releases.ts';
import { pinnedAgainst, settleOn, whyNotStartable } from '../../lib/domain/startable.ts';
import { chooseTarget, furtherTargets, type Suspect, type TargetChoice } from '../../lib/domain/target.ts';
import { copyFor } from '../../lib/domain/task-definition-copy.ts';
import { readDefinition, sha256 } from './documents.ts';
import { readImages } from './ecr.ts';
import { describeTaskDefinition } from './ecs.ts';
import { readNeeds } from './needs.ts';

export interface TargetFacts {
  readonly facts: Goal & Pick<PlanFacts, 'passedOver'>;
  /** The request to register `facts.copy`. */
  readonly copyBody?: string;
}

/** What a companion's goal is read with. */
interface AskedOf extends Pick<Asked, 'context' | 'configuration'> {
  readonly unit: SideFacts;
  readonly choice: TargetChoice;
}

interface Asked {
  readonly context: RollbackContext;
  readonly configuration: ServiceConfiguration;
  readonly sides: readonly SideFacts[];
  readonly candidates: readonly Candidate[];
  /** Absent where no side has a deployment. */
  readonly suspect?: Suspect;
}

interface Found {
  readonly choice: Extract<TargetChoice, { kind: 'found' }>;
  readonly definition?: TaskDefinitionView;
  readonly verdicts: readonly ImageVerdict[];
  readonly needs?: readonly NeedFacts[];
  readonly problem?: string;
}

export async function readTarget(asked: Asked): Promise<TargetFacts> {
  const { context, configuration, candidates, suspect } = asked;
  if (!suspect) {
    return { facts: { choice: { kind: 'none', reason: 'No side has a deployment that could be rolled back.' } } };
  }
  const { version } = context.request;
  const choice = chooseTarget({ service: context.service, version, suspect, candidates });
  if (choice.kind === 'none') return { facts: { choice } };
  const looked = [await look(asked, choice)];
  for (const further of configuration.policy.furtherBack ? furtherTargets({ version, suspect, candidates }) : []) {
    if (looked.at(-1)?.problem === undefined || further.kind === 'none') break;
    looked.push(await look(asked, further));
  }
  const { chosen, over } = settleOn(looked);
  if (!chosen) return { facts: { choice } };
  const { facts, copyBody } = goalOf(context, chosen);
  const passedOver = over.map(({ choice: { release }, problem = '' }) => ({ release, why: problem }));
  return {
    facts: { ...facts, ...(passedOver.length > 0 && { passedOver }) },
    ...(copyBody !== undefined && { copyBody }),
  };
}

/** The same for a companion, whose release is chosen already. */
export async function readGoal({ context, configuration, unit, choice }: AskedOf): Promise<TargetFacts> {
  if (choice.kind === 'none') return { facts: { choice } };
  return goalOf(context, await look({ configuration, sides: [unit] }, choice));
}

function goalOf(context: RollbackContext, { choice, ...found }: Found): TargetFacts {
  const copy = orderOf(context, { choice, ...found });
  return {
    facts: {
      choice,
      ...(found.definition && { targetDefinition: found.definition, images: found.verdicts }),
      ...(found.needs && { needs: found.needs }),
      ...(copy && { copy: copy.order }),
    },
    ...(copy && { copyBody: copy.body }),
  };
}

async function look(
  { configuration, sides }: Pick<Asked, 'configuration' | 'sides'>,
  choice: Found['choice'],
): Promise<Found> {
  const { release } = choice;
  const definition = await definitionOf(choice, sides);
  const [facts, needs] = await Promise.all([
    readImages(definition?.images ?? [], release.images, configuration.account),
    definition && readNeeds(needsOf(definition.document), configuration),
  ]);
  const running = sides.flatMap(({ service, images = [] }) => {
    const primary = service && primaryDeployment(service);
    return primary ? [{ taskDefinition: primary.taskDefinition, images }] : [];
  });
  const verdicts = pinnedAgainst(release, facts.map(judgeImage), running);
  const problem = whyNotStartable(release, definition, verdicts);
  return {
    choice,
    verdicts,
    ...(definition && { definition }),
    ...(needs && { needs }),
    ...(problem !== undefined && { problem }),
  };
}

/** As ECS tells it, INACTIVE ones too; one that was deleted, as the ledger recorded it. */
async function definitionOf(
  { release }: Found['choice'],
  sides: readonly SideFacts[],
): Promise<TaskDefinitionView | undefined> {
  const { taskDefinition, definitionKey } = release;
  const described = sides.find(({ definition }) => definition?.taskDefinition === taskDefinition)?.definition;
  const found = described ?? (await describeTaskDefinition(taskDefinition));
  return found ?? (definitionKey === undefined ? undefined : await readDefinition(definitionKey));
}

function orderOf(
  { rollbackId }: RollbackContext,
  { choice, definition, verdicts }: Found,
): { readonly order: CopyOrder; readonly body: string } | undefined {
  const copy = definition && copyFor(definition, verdicts, { version: choice.release.version, rollbackId });
  if (!copy) return undefined;
  const { registration, images, why } = copy;
  const body = canonicalJson(registration);
  const hash = sha256(body);
  const of = choice.release.taskDefinition;
  return { order: { of, key: copyKey(rollbackId, hash), sha256: hash, images, why }, body };
}
