import { join } from 'node:path';
import { GetExecutionHistoryCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { main } from '../../bin/cli.ts';
import { recorded } from './io.ts';
import { until } from './served.ts';

const example = join(import.meta.dirname, '../../examples/01-checkout/scenario.json');

describe('backstep simulate --serve', () => {
  test('serves the account, lets the scenario happen, and ends with a summary on Ctrl-C', async () => {
    const { io, out, err, interrupt } = recorded();
    const ended = main(['simulate', example, '--serve', '0', '--speed', '600'], io);
    await until(err, 'Ctrl-C ends it with a summary.');
    expect(err()).toContain('npx backstep rollback checkout\n');
    const { client, stateMachineArn } = reach(err());
    // The bad release of the scenario's third minute, and its alarm three minutes later.
    for (let found = 0; found === 0; )
      found = (await client.send(new ListExecutionsCommand({ stateMachineArn }))).executions?.length ?? 0;
    const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
    const { executionArn } = executions.at(-1) ?? {};
    // Admit has answered, so something stands on the timeline.
    for (let answered = false; !answered; ) {
      const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
      answered = events.some(({ type }) => type === 'TaskSucceeded');
    }
    interrupt();
    expect(await ended).toBe(0);
    expect(out()).toContain('Executions:\n  1. ');
    expect(out()).toContain('  checkout  admitted  CloudWatch confirms that backstep/production/checkout/');
    // Nothing was expected of what a person does with it.
    expect(out()).not.toContain('xpected');
  });

  test.each([
    [['--serve', '99999'], '--serve: found "99999"; allowed: a port, 0 to 65535.'],
    [['--serve', '0', '--speed', '0'], '--speed: found "0"; allowed: a number above 0, at most 100000.'],
    [['--speed', '2'], '--speed needs --serve PORT: a run alone is as fast as it can be.'],
    [['--serve', '0', '--out', 'x'], '--out writes what a whole run found; it does not go with --serve.'],
  ])('exits 64 for %j', async (flags, message) => {
    const { io, err } = recorded();
    expect(await main(['simulate', example, ...flags], io)).toBe(64);
    expect(err()).toBe(`${message}\n`);
  });

  test('leaves the answers to questions to whoever reaches the account', async () => {
    const { io, out, err, interrupt } = recorded();
    const whole = join(example, '../../04-whole-workflow/scenario.json');
    // Half an hour takes a second: the scenario's own yes would have been given.
    const ended = main(['simulate', whole, '--serve', '0', '--speed', '2000'], io);
    await until(err, 'Ctrl-C ends it with a summary.');
    expect(err()).toContain("The scenario's approve at PT16M is left to you: npx backstep approve.");
    const { client, stateMachineArn } = reach(err());
    for (let over = 0; over === 0; )
      over =
        (await client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'SUCCEEDED' }))).executions
          ?.length ?? 0;
    interrupt();
    expect(await ended).toBe(0);
    expect(out()).toContain('1. orders SUCCEEDED declined after');
    expect(out()).toContain('Nobody answered until');
  });

  test('a port that is in use is said, and ends with exit code 2', async () => {
    const first = recorded();
    const ended = main(['simulate', example, '--serve', '0'], first.io);
    await until(first.err, 'Ctrl-C ends it');
    const port = /127\.0\.0\.1:(\d+)/.exec(first.err())?.[1] as string;
    const second = recorded();
    expect(await main(['simulate', example, '--serve', port], second.io)).toBe(2);
    expect(second.err()).toContain(`Port ${port} is in use: choose another, or 0 for a free one.\n`);
    first.interrupt();
    await ended;
  });
});

/** A client as the command's words make it. */
function reach(words: string) {
  const said = (name: string): string => new RegExp(`^export ${name}=(.*)$`, 'm').exec(words)?.[1] ?? '';
  const client = new SFNClient({
    endpoint: said('AWS_ENDPOINT_URL'),
    region: said('AWS_DEFAULT_REGION'),
    credentials: { accessKeyId: said('AWS_ACCESS_KEY_ID'), secretAccessKey: said('AWS_SECRET_ACCESS_KEY') },
  });
  return { client, stateMachineArn: /--state-machine-arn (\S+)/.exec(words)?.[1] };
}
