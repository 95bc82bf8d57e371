import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { workFolder } from './folders.ts';
import { botocore } from './python/environments.ts';
import { startRehearsalServer } from './rehearsal/server.ts';
import { startInFreeFolder } from './start-in-free-folder.ts';
import { type Rds, type RdsOptions, startRds } from './start-rds.ts';

interface Options {
  readonly folder?: string;
  readonly port?: number;
  readonly rehearsalPort?: number;
  readonly archiveEvery: number;
  readonly supported?: true;
}

/** The account in which the commands that are shown work. Any other twelve digits are an account too. */
const account = '123456789012';

/** Runs a local RDS until it is interrupted. What it keeps is there again at the next start. */
export async function main(argv: readonly string[]): Promise<void> {
  await new Command('rds')
    .description(
      'an RDS on this machine whose instances are real PostgreSQL servers, for every tool that speaks to RDS',
    )
    .option(
      '--folder <path>',
      'where everything is kept (default: one of its own that no other start is using)',
    )
    .option('--port <n>', 'of the API (default: any free one)', port)
    .option('--rehearsal-port <n>', 'of the controls that break things (default: any free one)', port)
    .option(
      '--archive-every <seconds>',
      'how often what was written can be restored to a point in time',
      seconds,
      10,
    )
    .option('--supported', 'list the actions and parameters of RDS that are there, and end')
    .addHelpText(
      'after',
      `
It ends with Ctrl-C, and its servers with it. Instances, snapshots and archives stay in the folder, also when it is killed.

Examples:
  npm run rds
  npm run rds -- --folder /tmp/my-rds --port 7777
`,
    )
    .action(run)
    .parseAsync(argv);
}

async function run({ folder, port, rehearsalPort = 0, archiveEvery, supported }: Options): Promise<void> {
  if (supported) return void process.stdout.write(await listSupported());
  const packages = await botocore((detail) => process.stderr.write(`${detail} …\n`));
  const start = (where: string) => {
    const options: RdsOptions = {
      folder: where,
      sitePackages: packages,
      archiveEveryMs: archiveEvery * 1000,
      ...(port !== undefined && { port }),
    };
    return startRds(options);
  };
  try {
    const { rds, folder: used } = folder
      ? { rds: await start(path.resolve(folder)), folder: path.resolve(folder) }
      : await startInFreeFolder(workFolder, start);
    await serve(rds, used, rehearsalPort);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

async function serve(rds: Rds, folder: string, rehearsalPort: number): Promise<void> {
  process.stdout.on('error', () => {}); // the reader has gone: no reason to end
  // Before anything is printed: the reader may interrupt at once.
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  try {
    const rehearsal = await startRehearsalServer(rds.stage, { port: rehearsalPort });
    process.stdout.write(guide(rds, rehearsal.endpoint ?? '', folder));
    await interrupted;
    process.stdout.write('\nStopping the servers …\n');
    await rehearsal.stop();
  } finally {
    await rds.stop();
  }
  process.stdout.write(`Stopped. Everything is kept in ${folder}\n`);
}

async function listSupported(): Promise<string> {
  const { supported } = await import('./api/registry.ts');
  return supported()
    .map(({ action, parameters }) => `${action}\n${parameters.map((name) => `    ${name}\n`).join('')}`)
    .join('');
}

const guide = (rds: Rds, rehearsal: string, folder: string) => `
A local RDS is running, in every Region. It keeps everything in ${folder}

  export AWS_ENDPOINT_URL_RDS=${rds.endpoint}
  export AWS_ACCESS_KEY_ID=${account} AWS_SECRET_ACCESS_KEY=any
  export AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
  export PGSSLMODE=verify-full PGSSLROOTCERT=${rds.caFile}
  export REHEARSAL=${rehearsal}

Try:

  aws rds create-db-instance --db-instance-identifier shop --engine postgres --db-instance-class db.t4g.micro --allocated-storage 20 --master-username app --master-user-password only-for-rehearsals
  aws rds wait db-instance-available --db-instance-identifier shop
  curl -d '{ "instance": "shop" }' $REHEARSAL/kill-instance

packages/local-rds/README.md goes on from here. Ctrl-C ends it.
`;

function port(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new InvalidArgumentError('Expected: a number from 1 to 65535.');
}

function seconds(text: string): number {
  const number = Number(text);
  if (number >= 0.1 && number <= 3600) return number;
  throw new InvalidArgumentError('Expected: seconds, from 0.1 to 3600.');
}
