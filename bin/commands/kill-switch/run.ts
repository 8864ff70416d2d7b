import { judgeSwitches } from '../../../lib/domain/kill-switch.ts';
import { killSwitchParameter } from '../../../lib/domain/names.ts';
import { type Arguments, exit, type Io, UsageError } from '../command.ts';
import { findService } from '../installed.ts';
import { openSession } from '../rollback/run.ts';
import { wrap } from '../story/text.ts';

/** A standard parameter holds 4 KB, and a reason is for one line of the report. */
const longestReason = 500;

export async function flip(to: 'on' | 'off', { positionals, flags }: Arguments, io: Io): Promise<number> {
  const { account, installation, screen, json } = await openSession(flags, io);
  const { environment } = installation;
  const [name] = positionals;
  const service =
    name === undefined ? undefined : (await findService(account, installation, name, { json, io })).service;
  const reason = String(flags.reason ?? '').trim();
  if (reason.length > longestReason)
    throw new UsageError(`--reason: found ${reason.length} characters; allowed: at most ${longestReason}.`);
  const value = to === 'off' ? 'off' : reason ? `on: ${reason}` : 'on';
  const before = await account.parameters.killSwitches(environment);
  const parameter = killSwitchParameter(environment, service);
  // A service without a switch of its own needs none to be off.
  const absent = to === 'off' && service !== undefined && !before.services.has(service);
  if (!absent) await account.parameters.setKillSwitch(environment, service, value);
  const { whole, services } = await account.parameters.killSwitches(environment);
  const judged = judgeSwitches(whole, service === undefined ? undefined : services.get(service));
  const subject = service ?? `every service of ${environment}`;
  screen.lines(
    to === 'on' ? pausedLines(subject, service) : resumedLines(subject, judged, [...services.keys()], service),
  );
  if (json) {
    const document = { environment, service: service ?? null, parameter, value, state: judged.state };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
  return to === 'off' && judged.state !== 'off' ? exit.finding : exit.good;
}

const pausedLines = (subject: string, service: string | undefined): string[] => [
  ...wrap(`Paused: nothing of ${subject} rolls back by itself any more.`, 0),
  ...wrap('Alarms still start the state machine; it ends declined and says why.', 2, '  '),
  ...wrap('A rollback under way finishes the action that it is at, and halts before the next one.', 2, '  '),
  ...wrap('Whoever starts a rollback by hand from now on is warned, and may.', 2, '  '),
  ...wrap(`It stays so until: npx backstep resume${service === undefined ? '' : ` ${service}`}`, 2, '  '),
];

function resumedLines(
  subject: string,
  judged: ReturnType<typeof judgeSwitches>,
  switched: readonly string[],
  service: string | undefined,
): string[] {
  if (judged.state !== 'off') return wrap(`The switch is off, but another is not: ${judged.reason}`, 0);
  return [
    ...wrap(`Resumed: alarms roll ${subject} back again.`, 0),
    ...wrap('What was declined or halted meanwhile does not start again by itself.', 2, '  '),
    ...(service === undefined && switched.length > 0
      ? wrap(`Switches of their own have: ${switched.join(', ')}. npx backstep status shows which are on.`, 2, '  ')
      : []),
  ];
}
