import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as sdk from '@aws-sdk/client-rds';
import pg from 'pg';
import { workingFolder } from 'process-kit/identity';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startInFreeFolder } from '../../start-in-free-folder.ts';
import { startRds } from '../../start-rds.ts';
import { often } from '../support/often.ts';
import { sitePackages } from '../support/service-model.ts';

vi.setConfig({ testTimeout: 180_000 });

/* The program of `npm run rds`, as it is started by a person. */

const packageFolder = path.resolve(import.meta.dirname, '..', '..');
const { scripts } = JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8'));
const master = { MasterUsername: 'app', MasterUserPassword: 'only-for-this-test' };
let folder: string;
let programs: Program[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'rds-program-'));
  await chmod(folder, 0o711); // the servers' user must pass
  programs = [];
});
afterEach(async () => {
  for (const { child, client } of programs) {
    client.destroy();
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGINT');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

interface Program {
  readonly child: ChildProcess;
  readonly endpoint: string;
  readonly client: sdk.RDSClient;
  readonly ca: string;
}

/** Starts the program in a folder, and returns when it has said what to export. Throws what it says when it ends instead. */
async function start(name: string): Promise<Program> {
  const [, ...args] = (scripts.rds as string).split(' ');
  const child = spawn(
    process.execPath,
    [...args, '--folder', path.join(folder, name), '--archive-every', '1'],
    {
      cwd: packageFolder,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  const ended = once(child, 'close').then(() => {
    throw new Error(text);
  });
  ended.catch(() => {});
  while (!text.includes('Ctrl-C')) await Promise.race([once(child.stdout, 'data'), ended]);
  const [, endpoint = ''] = /AWS_ENDPOINT_URL_RDS=(\S+)/.exec(text) ?? [];
  const [, caFile = ''] = /PGSSLROOTCERT=(\S+)/.exec(text) ?? [];
  const credentials = { accessKeyId: '123456789012', secretAccessKey: 'any' };
  const client = new sdk.RDSClient({ endpoint, region: 'eu-west-1', credentials });
  const program = { child, endpoint, client, ca: await readFile(caFile, 'utf8') };
  programs.push(program);
  return program;
}

async function create({ client }: Program, name: string): Promise<void> {
  await client.send(
    new sdk.CreateDBInstanceCommand({
      DBInstanceIdentifier: name,
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: 20,
      BackupRetentionPeriod: 1,
      ...master,
    }),
  );
}

const waiter = ({ client }: Program) => ({ client, ...often });
const available = (program: Program, DBInstanceIdentifier: string) =>
  sdk.waitUntilDBInstanceAvailable(waiter(program), { DBInstanceIdentifier });

async function query(program: Program, name: string, sql: string): Promise<unknown[]> {
  const { DBInstances: [found] = [] } = await program.client.send(
    new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: name }),
  );
  const client = new pg.Client({
    host: '127.0.0.1',
    port: found?.Endpoint?.Port ?? 0,
    user: master.MasterUsername,
    password: master.MasterUserPassword,
    database: 'postgres',
    ssl: { ca: program.ca, rejectUnauthorized: true },
  });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Every process of a PostgreSQL server works in its data folder. */
async function serversIn(where: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const folders = await Promise.all(pids.map(workingFolder));
  return pids.filter((_, index) => folders[index]?.startsWith(where));
}

test('several start at once, each in a folder of its own, and each ends alone', async () => {
  const [one, other] = await Promise.all([start('one'), start('other')]);
  expect(one.endpoint).not.toBe(other.endpoint);
  one.child.kill('SIGINT');
  expect(await once(one.child, 'exit')).toEqual([0, null]);
  await expect(other.client.send(new sdk.DescribeDBInstancesCommand({}))).resolves.toMatchObject({
    DBInstances: [],
  });
});

test('of two that are started in one folder at once, one is refused and names the other', async () => {
  const starts = await Promise.allSettled([start('same'), start('same')]);
  expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = starts.find((one) => one.status === 'rejected');
  expect(`${refused?.reason}`).toContain(`Process ${programs[0]?.child.pid} works with the clusters in`);
});

test('without a folder each takes one that is free, and the next start takes up the first', async () => {
  const packages = await sitePackages();
  const next = () =>
    startInFreeFolder(folder, (where) => startRds({ folder: where, sitePackages: packages }));
  const both = await Promise.all([next(), next()]);
  expect(both.map((one) => path.basename(one.folder)).sort()).toEqual(['rds', 'rds-2']);
  await Promise.all(both.map(({ rds }) => rds.stop()));
  const again = await next();
  expect(path.basename(again.folder)).toBe('rds');
  await again.rds.stop();
});

test.runIf(process.platform === 'linux')(
  'a killed one is cleaned up by the next start, and nothing is lost that a snapshot held',
  async () => {
    const killed = await start('rds');
    await create(killed, 'shop');
    await available(killed, 'shop');
    await query(killed, 'shop', 'CREATE TABLE t AS SELECT generate_series(1, 1000) AS i');
    const snapshot = { DBSnapshotIdentifier: 'held' };
    await killed.client.send(new sdk.CreateDBSnapshotCommand({ DBInstanceIdentifier: 'shop', ...snapshot }));
    await sdk.waitUntilDBSnapshotAvailable(waiter(killed), snapshot);
    await query(killed, 'shop', 'INSERT INTO t VALUES (0)');
    await create(killed, 'half');
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    const orphans = await serversIn(folder);
    expect(orphans.length).toBeGreaterThan(0);

    const next = await start('rds');
    await next.client.send(
      new sdk.RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'again', ...snapshot }),
    );
    await Promise.all([available(next, 'shop'), available(next, 'again')]);
    expect(await query(next, 'again', 'SELECT count(*)::int FROM t')).toEqual([{ count: 1000 }]);
    expect(await query(next, 'shop', 'SELECT count(*)::int FROM t')).toEqual([{ count: 1001 }]);
    const left = new Set(await serversIn(folder));
    expect(orphans.filter((pid) => left.has(pid))).toEqual([]);

    next.child.kill('SIGINT');
    expect(await once(next.child, 'exit')).toEqual([0, null]);
    expect(await serversIn(folder)).toEqual([]);
  },
);

test.runIf(process.platform === 'linux')(
  'needs no more than 150 MiB with ten instances, each backed up and described again and again',
  async () => {
    const program = await start('rds');
    const names = Array.from({ length: 10 }, (_, index) => `one-of-ten-${index}`);
    for (const name of names) await create(program, name);
    for (const name of names) await available(program, name);
    for (let time = 0; time < 50; time += 1)
      await program.client.send(new sdk.DescribeDBInstancesCommand({}));
    const status = await readFile(`/proc/${program.child.pid}/status`, 'utf8');
    const [, peak = ''] = /VmHWM:\s+(\d+) kB/.exec(status) ?? [];
    expect(Number(peak) / 1024).toBeLessThan(150);
  },
);
