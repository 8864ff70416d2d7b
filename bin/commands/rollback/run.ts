import { productionPhrase } from '../../../lib/domain/names.ts';
import { Account } from '../../aws/account.ts';
import { isInteractive } from '../ask.ts';
import { type Arguments, exit, type Io, UsageError } from '../command.ts';
import { exitCodeOf } from '../follow/ending.ts';
import { Screen } from '../follow/screen.ts';
import { findInstallation, findService } from '../installed.ts';
import { chooseVersion } from './choose.ts';
import { confirmed, dryRun } from './confirm.ts';
import { type Carry, conclude, type Session, tellEnding, throughStepFunctions } from './execute.ts';
import { approvalGiven, checkTakeOver, executionInput } from './input.ts';

/**
 * Nothing stands in for the production phrase: it is given with --confirm, typed at a terminal after the plan was seen,
 * or the execution ends `ready`.
 */
export async function rollBack({ positionals, flags }: Arguments, io: Io): Promise<number> {
  const json = flags.json === true;
  const given = approvalGiven(flags);
  checkTakeOver(flags);
  const session = await openSession(flags, io);
  const { installation } = session;
  const pointer = await findService(session.account, installation, positionals[0], { json, io });
  const { service, production } = pointer;
  const asksVersion = positionals[0] === undefined && flags.to === undefined && isInteractive(io, json);
  const version = asksVersion ? await chooseVersion(session, pointer) : undefined;
  const input = executionInput(service, installation.environment, { ...flags, ...(version && { to: version }) });
  if (production && flags.yes && input.confirm === undefined && !flags['dry-run'])
    throw new UsageError(
      `--yes does not stand in for the phrase: a rollback in production needs --confirm "${productionPhrase}".`,
    );
  const carry = flags.direct ? await withoutStepFunctions(session, given) : throughStepFunctions(session);
  const decided = flags['dry-run'] || input.confirm !== undefined || flags.yes;
  if (!decided && isInteractive(io, json)) {
    const { ending, plan } = await dryRun(session, input, carry);
    if (ending.outcome !== 'ready') return tellEnding(session, ending);
    if (!(await confirmed(session, plan, production))) {
      session.screen.lines(['Nothing was started, nothing was changed.']);
      return exit.finding;
    }
    if (production) input.confirm = productionPhrase;
    // What was agreed to is this release, whatever `previous` means by the time that Plan looks.
    if (plan?.target) input.version = plan.target.taskDefinition;
  }
  return tellEnding(session, conclude(session, await carry(input, { quiet: false })));
}

/** Loaded only then: it brings an interpreter of state machines. */
async function withoutStepFunctions(session: Session, given: { readonly reason: string } | undefined): Promise<Carry> {
  const { directly } = await import('../direct/carry.ts');
  return directly(session, given);
}

/** `backstep plan`: the same as a dry run, with the plan in full. */
export async function showPlan({ positionals, flags }: Arguments, io: Io): Promise<number> {
  const session = await openSession(flags, io);
  const { account, installation, json } = session;
  const { service } = await findService(account, installation, positionals[0], { json, io });
  const input = executionInput(service, installation.environment, flags);
  const { ending } = await dryRun(session, input, throughStepFunctions(session));
  tellEnding(session, ending);
  return exitCodeOf(ending);
}

export async function openSession(flags: Arguments['flags'], io: Io): Promise<Session> {
  const account = new Account();
  const json = flags.json === true;
  const installation = await findInstallation(account, flags, io);
  return { account, installation, io, json, screen: new Screen(io, json) };
}
