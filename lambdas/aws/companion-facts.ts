/**
 * What is known of a service's companions: how each stands, and what it goes back to with the service. ECS's own history is
 * asked of those only that the ledger does not tell enough of.
 */
import { chooseCompanionTarget } from '../../lib/domain/companions/target.ts';
import { primaryDeployment } from '../../lib/domain/ecs.ts';
import type {
  CopyOrder,
  Release,
  RollbackContext,
  RollbackRecord,
  ServiceConfiguration,
} from '../../lib/domain/model.ts';
import type { CompanionFacts, SideFacts } from '../../lib/domain/plan-facts.ts';
import { arrivals, type SideHistory } from '../../lib/domain/releases.ts';
import type { Suspect, TargetChoice } from '../../lib/domain/target.ts';
import { readGoal } from './target-facts.ts';

export interface Copy {
  readonly order: CopyOrder;
  /** The request to register it, for the bucket only: it holds environments. */
  readonly body: string;
}

interface Asked {
  readonly now: string;
  readonly context: RollbackContext;
  readonly configuration: ServiceConfiguration;
  /** Of the companions, as they stand. */
  readonly units: readonly SideFacts[];
  readonly target: Release;
  readonly suspect: Suspect;
  /** Of sides and companions. */
  readonly ledger: readonly Release[];
  readonly rollbacks: readonly RollbackRecord[];
  readonly readHistory: (unit: SideFacts['side']) => Promise<SideHistory>;
}

export async function readCompanions(
  asked: Asked,
): Promise<{ readonly companions: readonly CompanionFacts[]; readonly copies: readonly Copy[] }> {
  const { context, configuration } = asked;
  const read = await Promise.all(
    asked.units.map(async (unit) => {
      const { facts: goal, copyBody: body } = await readGoal({
        context,
        configuration,
        unit,
        choice: await choose(asked, unit),
      });
      const copy = goal.copy && body !== undefined ? [{ order: goal.copy, body }] : [];
      return { companion: { unit, goal }, copy };
    }),
  );
  return { companions: read.map(({ companion }) => companion), copies: read.flatMap(({ copy }) => copy) };
}

async function choose(asked: Asked, { side, service }: SideFacts): Promise<TargetChoice> {
  const { context, configuration, ledger } = asked;
  const primary = service && primaryDeployment(service);
  if (!primary) return { kind: 'none', reason: `ECS reports no deployment of ${side.service}.` };
  const from = (releases: readonly Release[]): TargetChoice =>
    chooseCompanionTarget({
      ...asked,
      service: context.service,
      companion: side.name,
      primary,
      named: context.request.version !== 'previous',
      releases,
      bakeMinutes: configuration.policy.bakeMinutes,
    });
  const known = from(ledger);
  if (known.kind === 'found') return known;
  const history = arrivals(context.service, await asked.readHistory(side));
  return from([...ledger, ...history.map(({ release }) => release)]);
}
