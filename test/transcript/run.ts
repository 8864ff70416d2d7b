/**
 * The commands against a served account, and the AWS CLI and boto3 against the same one: `npm run transcript` runs all of it
 * for real, fails where something ends otherwise than told, and prints the page; with `-- --write` it becomes
 * docs/transcript.md. Takes two to three minutes. Needs awscli and python3-boto3 (Debian's will do) and util-linux.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Page, type Shortening } from './page.ts';
import { Terminal, within } from './terminal.ts';

const root = join(import.meta.dirname, '../..');
const port = 4566;
process.chdir(root);

const missing = [
  ['aws', ['--version']],
  ['/usr/bin/python3', ['-c', 'import boto3']],
  ['script', ['--version']],
].filter(([program, words]) => spawnSync(program as string, words as string[]).status !== 0);
if (missing.length > 0) {
  console.error(
    `Skipped: ${missing.map(([program, words]) => [program, words].flat().join(' ')).join(', ')} does not work here. ` +
      'On Debian: apt-get install -y awscli python3-boto3 bsdutils',
  );
  process.exit(0);
}

const page = new Page();
const terminals: Terminal[] = [];
/** Nobody's own account: only what the served one says. */
const env: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(AWS_|CI$|NO_COLOR|FORCE_COLOR)/.test(name)),
);
// Debian's AWS CLI, where there are several.
Object.assign(env, {
  PATH: `/usr/bin:${env.PATH}`,
  NO_COLOR: '1',
  AWS_PAGER: '',
  AWS_EC2_METADATA_DISABLED: 'true',
  npm_config_loglevel: 'error',
  npm_config_progress: 'false',
});

function open(command: string, options: { readonly tty?: boolean } = {}): Terminal {
  const terminal = new Terminal(command, env, options.tty ?? false);
  terminals.push(terminal);
  return terminal;
}

/** Runs a command to its end and shows it. */
async function run(command: string, code = 0, shortening?: Shortening): Promise<string> {
  const terminal = open(command);
  await terminal.ends(code);
  page.show(terminal, shortening);
  return terminal.text;
}

/** Looks again and again, without showing it. */
const untilStatus = (part: string): Promise<void> =>
  within(120_000, `"${part}" in the status`, async () => {
    const terminal = open('npx backstep status orders');
    await terminal.ends(0);
    return terminal.text.includes(part);
  });

async function play(): Promise<void> {
  page.say(`
    # A transcript

    The commands against a simulated account that is served on this machine, and the AWS CLI and boto3 against the same one. All
    of it was run as it stands here; \`npm run transcript\` runs it again, and \`[... n lines ...]\` is what it leaves out. It
    is the account of [examples/04-whole-workflow](../examples/04-whole-workflow/README.md): orders on two sides, an Aurora
    cluster, and an alarm that asks.

    ## One terminal serves the account

    A minute there takes a second here.`);
  const server = open(`npx backstep simulate examples/04-whole-workflow/scenario.json --serve ${port} --speed 60`, {
    tty: true,
  });
  await server.says('Ctrl-C ends it with a summary.');
  for (const [, name = '', value = ''] of server.text.matchAll(/^export (\w+)=(.*)$/gm)) env[name] = value;
  // They open nothing but this account; still, what looks like a key does not belong on a page.
  page.show({ command: server.command, text: server.text.replace(/^(export AWS_\w*ACCESS_KEY\w*=).*$/gm, '$1[...]') });

  page.say(`
    ## Another asks what runs

    With the exports above. A new release goes to the green side.`);
  await run('npx backstep status');
  page.say('The AWS CLI of Debian 12 is older than `AWS_ENDPOINT_URL`, so it is told where to go:');
  await run(
    'aws --endpoint-url $AWS_ENDPOINT_URL ecs describe-services --cluster shop --services orders-blue orders-green ' +
      '--query "services[].[serviceName,taskDefinition,runningCount,deployments[0].rolloutState]" --output text',
  );

  page.say(`
    ## The alarm asks

    Somebody moves the traffic to green, a fifth of the orders fails, and the alarm of the runbook, which may not act alone, asks.`);
  await untilStatus('is asked');
  await run('npx backstep status orders');
  await run('npx backstep decline orders --reason "let me read the migrations first"', 0, { first: 12, last: 26 });
  await run('npx backstep history orders');

  page.say(`
    ## Clients that are not ours

    The AWS CLI starts an execution, as the console would. In production it only plans without the phrase.`);
  const machine = /--state-machine-arn (\S+)/.exec(server.text)?.[1] ?? '';
  const started = await run(
    `aws --endpoint-url $AWS_ENDPOINT_URL stepfunctions start-execution --state-machine-arn ${machine} ` +
      `--input '{"service": "orders"}' --query executionArn --output text`,
  );
  env.EXECUTION = started.trim();
  page.say('With that ARN as `EXECUTION`, `describe-execution` until it ends:');
  await run(
    'while status=$(aws --endpoint-url $AWS_ENDPOINT_URL stepfunctions describe-execution --execution-arn $EXECUTION ' +
      '--query status --output text); echo $status; [ $status = RUNNING ]; do sleep 1; done',
  );
  await run(
    'aws --endpoint-url $AWS_ENDPOINT_URL stepfunctions get-execution-history --execution-arn $EXECUTION ' +
      '--query "events[?stateEnteredEventDetails].[id,timestamp,stateEnteredEventDetails.name]" --output text',
  );
  page.say('And its end, by boto3:');
  const python = [
    'import boto3, json, os',
    'states = boto3.client("stepfunctions", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name=os.environ["AWS_REGION"])',
    'ended = states.describe_execution(executionArn=os.environ["EXECUTION"])',
    'said = json.loads(ended["output"])',
    'print(ended["status"], said["outcome"])',
    'print(said["reason"])',
    'print(json.dumps(said["startWith"], indent=1))',
  ];
  await run(`/usr/bin/python3 <<'END'\n${python.join('\n')}\nEND`);

  page.say(`
    ## A person rolls back

    The migrations are read. \`plan\` shows what would be done, and changes nothing.`);
  await run('npx backstep plan orders', 0, { first: 14, last: 38 });
  page.say(`
    At a terminal \`rollback\` shows the plan first, then asks for the phrase. Then the rollback asks a person, as nobody has
    looked at the migrations; Enter leaves the answer to somebody else.`);
  const rollback = open('npx backstep rollback orders --reason "v5.3.0 fails a fifth of the orders"', { tty: true });
  await rollback.says('Type ROLLBACK PRODUCTION to start it:');
  rollback.types('ROLLBACK PRODUCTION\n');
  await rollback.says('Enter leaves it to somebody else:');
  rollback.types('\n');
  const approval = open('npx backstep approve orders --reason "v5.3.0 changes no table"');
  await approval.ends(0);
  await rollback.says('[3/5] ShiftTraffic');
  rollback.types('\u0003');
  // npx's own code after Ctrl-C; the command's is 1.
  await rollback.ends(130);
  page.show(rollback, { first: 10, last: 62 });
  page.say('That was Ctrl-C, after the third of five steps had begun. Meanwhile, in a third terminal:');
  page.show(approval, { first: 4, last: 8 });

  page.say('## Watched again to its end');
  await run('npx backstep watch orders', 0, { first: 6, last: 62 });
  await run('npx backstep history orders');

  page.say(`
    ## The kill switch`);
  await run('npx backstep pause orders --reason "stocktaking until 18:00"');
  await run('npx backstep status orders');
  await run('npx backstep resume orders');

  page.say(`
    ## The first terminal

    Ctrl-C ends it with a summary: every execution, and the timeline that Backstep itself has written.`);
  server.types('\u0003');
  await server.ends(130);
  const summary = server.text
    .slice(server.text.indexOf('Ctrl-C ends it with a summary.'))
    .split('\n')
    .slice(1)
    .join('\n');
  page.show({ command: '^C', text: summary }, { first: 5, last: 2 });
}

try {
  await play();
} finally {
  for (const terminal of terminals) terminal.kill();
}
if (process.argv.includes('--write')) writeFileSync(join(root, 'docs/transcript.md'), page.toString());
else process.stdout.write(page.toString());
