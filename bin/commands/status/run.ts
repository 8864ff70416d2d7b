import { type Arguments, exit, type Io } from '../command.ts';
import { stepLines } from '../follow/ending-lines.ts';
import { findService } from '../installed.ts';
import { openSession } from '../rollback/run.ts';
import { type ServiceStatus, statusOf } from './gather.ts';
import { statusLines } from './view.ts';

/** Exit code 1 where a dead execution holds a lock: nothing else here is wrong by itself. */
export async function showStatus({ positionals, flags }: Arguments, io: Io): Promise<number> {
  const session = await openSession(flags, io);
  const { account, installation, screen, json } = session;
  const { environment } = installation;
  const services =
    positionals[0] === undefined
      ? await account.parameters.services(environment)
      : [await findService(account, installation, positionals[0], { json, io })];
  const switches = await account.parameters.killSwitches(environment);
  const statuses: ServiceStatus[] = [];
  // One after the other: a status in an incident should not be what brings the throttling.
  for (const pointer of services) statuses.push(await statusOf(session, pointer, switches));
  const now = account.clock.now();
  if (json) {
    const document = { environment, time: new Date(now).toISOString(), services: statuses };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    screen.lines([`${environment}, ${new Date(now).toISOString().slice(0, 19)} UTC`]);
    for (const status of statuses) screen.lines(['', ...statusLines(status, screen.style, now)]);
    screen.lines(stepLines(statuses.flatMap(stepsFor), screen.style));
  }
  return statuses.some((status) => status.abandoned !== null) ? exit.finding : exit.good;
}

function stepsFor({ service, running, question }: ServiceStatus) {
  if (question) return [{ what: 'Read the plan and answer', line: `npx backstep approve ${service} --reason "..."` }];
  return running?.status === 'RUNNING' ? [{ what: 'Watch', line: `npx backstep watch ${service}` }] : [];
}
