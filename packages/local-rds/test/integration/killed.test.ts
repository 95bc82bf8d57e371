import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import * as sdk from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { account, type LocalRds, startLocalRds } from '../support/local-rds.ts';
import { often } from '../support/often.ts';
import { sitePackages } from '../support/service-model.ts';

vi.setConfig({ testTimeout: 180_000 });

/*
 * The program is killed in the middle of every long operation at once, and started again on the same folder. Whatever the moment:
 * everything is whole, or failed with a reason, and nothing is left over.
 */

let local: LocalRds;
const scope = { account, region: 'eu-west-1' };
const id = (DBInstanceIdentifier: string) => ({ DBInstanceIdentifier });

beforeAll(async () => {
  local = await startLocalRds();
  await local.create({ ...id('kept'), BackupRetentionPeriod: 1 });
  await local.connect('kept', (client) =>
    client.query('CREATE TABLE t AS SELECT generate_series(1, 100) AS id'),
  );
  await local
    .client()
    .send(new sdk.CreateDBSnapshotCommand({ ...id('kept'), DBSnapshotIdentifier: 'whole' }));
  await local.snapshotAvailable('whole');
});
afterAll(() => local.stop());

/** What the operations need: an instance each, restored from one snapshot, and a replica. */
async function prepare(): Promise<void> {
  const client = local.client();
  for (const name of ['rebooted', 'changed', 'doomed', 'stopped']) {
    await client.send(
      new sdk.RestoreDBInstanceFromDBSnapshotCommand({
        ...id(name),
        DBSnapshotIdentifier: 'whole',
        BackupRetentionPeriod: 0,
      }),
    );
  }
  await client.send(
    new sdk.CreateDBInstanceReadReplicaCommand({ ...id('follower'), SourceDBInstanceIdentifier: 'kept' }),
  );
  for (const name of ['rebooted', 'changed', 'doomed', 'stopped', 'follower']) await local.available(name);
}

/** Begins every long operation that there is. */
async function beginAll(client: sdk.RDSClient): Promise<void> {
  await Promise.all([
    client.send(
      new sdk.CreateDBInstanceCommand({
        ...id('made'),
        Engine: 'postgres',
        DBInstanceClass: 'db.t4g.micro',
        AllocatedStorage: 20,
        MasterUsername: 'app',
        MasterUserPassword: 'only-for-this-test',
      }),
    ),
    client.send(
      new sdk.RestoreDBInstanceFromDBSnapshotCommand({ ...id('restored'), DBSnapshotIdentifier: 'whole' }),
    ),
    client.send(
      new sdk.RestoreDBInstanceToPointInTimeCommand({
        SourceDBInstanceIdentifier: 'kept',
        TargetDBInstanceIdentifier: 'rewound',
        UseLatestRestorableTime: true,
      }),
    ),
    client.send(
      new sdk.CreateDBInstanceReadReplicaCommand({ ...id('replica'), SourceDBInstanceIdentifier: 'kept' }),
    ),
    client.send(
      new sdk.CopyDBSnapshotCommand({
        SourceDBSnapshotIdentifier: 'whole',
        TargetDBSnapshotIdentifier: 'copy',
      }),
    ),
    client.send(new sdk.RebootDBInstanceCommand(id('rebooted'))),
    client.send(
      new sdk.ModifyDBInstanceCommand({
        ...id('changed'),
        DBInstanceClass: 'db.t4g.small',
        ApplyImmediately: true,
      }),
    ),
    client.send(new sdk.DeleteDBInstanceCommand({ ...id('doomed'), FinalDBSnapshotIdentifier: 'final' })),
    client.send(new sdk.StopDBInstanceCommand(id('stopped'))),
    client.send(new sdk.PromoteReadReplicaCommand(id('follower'))),
  ]);
  await client.send(new sdk.CreateDBSnapshotCommand({ ...id('kept'), DBSnapshotIdentifier: 'half' }));
}

/** Runs the program, begins everything, and kills it so long afterwards. */
async function killAfter(ms: number, held: boolean): Promise<void> {
  const script = path.join(import.meta.dirname, '..', 'support', 'program.ts');
  const args = [script, path.join(local.folder, 'rds'), await sitePackages(), ...(held ? ['hold'] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { endpoint } = JSON.parse((await lines.next()).value ?? '');
    const client = new sdk.RDSClient({
      region: scope.region,
      endpoint,
      credentials: { accessKeyId: account, secretAccessKey: 'any' },
    });
    const waiter = { client, ...often };
    for (const name of ['kept', 'rebooted', 'changed', 'doomed', 'stopped', 'follower'])
      await sdk.waitUntilDBInstanceAvailable(waiter, id(name));
    await beginAll(client);
    await sleep(ms);
    client.destroy();
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

const underWay = () => {
  const { instances, snapshots } = local.rds.state;
  return [
    ...instances.all().filter(({ work }) => work !== undefined),
    ...snapshots.all().filter(({ status }) => status === 'creating' || status === 'deleting'),
  ].map(({ name, status }) => `${name} ${status}`);
};

test.each([
  ['before anything was done', 0, true],
  ['after a moment', 300, false],
  ['after a second', 1_200, false],
])('killed %s in the middle of everything, it comes back whole', async (_, ms, held) => {
  await prepare();
  await local.pause();
  await killAfter(ms, held);
  await local.restart();
  await expect.poll(underWay, { timeout: 90_000, interval: 100 }).toEqual([]);

  const { state, engine } = local.rds;
  const statusOf = (name: string) => state.instances.get(scope, name)?.status;
  // What was there before is there, and whatever was asked of it has been done.
  expect(statusOf('kept')).toBe('available');
  expect(statusOf('rebooted')).toBe('available');
  expect(statusOf('stopped')).toBe('stopped');
  expect(statusOf('doomed')).toBeUndefined();
  expect(statusOf('changed')).toBe('available');
  expect(await local.describe('changed')).toMatchObject({
    DBInstanceClass: 'db.t4g.small',
    PendingModifiedValues: {},
  });
  expect(statusOf('follower')).toBe('available');
  const follower = await local.describe('follower');
  expect(follower.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
  await local.connect('follower', (client) => client.query('DELETE FROM t'));
  expect(state.snapshots.get(scope, 'final')?.status).toBe('available');

  // What was being made is whole, or failed with the reason.
  for (const instance of state.instances.all()) {
    if (instance.status === 'failed') expect(instance.reason).toMatch(/program ended/);
    if (instance.status !== 'available' || instance.name === 'follower' || instance.name === 'made') continue;
    const { rows } = await local.connect(instance.name, (client) =>
      client.query('SELECT count(*)::int FROM t'),
    );
    expect(rows).toEqual([{ count: 100 }]);
  }
  for (const snapshot of state.snapshots.all()) {
    if (snapshot.status === 'failed') expect(snapshot.reason).toMatch(/program ended/);
    else await engine.verifyBackup(await engine.readBackup(snapshot.folder));
  }

  // Nothing is left over.
  const clusters = state.instances.all().filter(({ status }) => status !== 'failed');
  expect((await engine.list()).sort()).toEqual(clusters.map(({ cluster }) => cluster).sort());
  const whole = state.snapshots.all().filter(({ status }) => status === 'available');
  const folders = new Set(whole.map(({ folder }) => path.basename(folder)));
  expect(new Set(await readdir(path.join(local.folder, 'rds', 'backups')))).toEqual(folders);
  await removeMade();
});

async function removeMade(): Promise<void> {
  const client = local.client();
  const { instances, snapshots } = local.rds.state;
  for (const { name } of instances.all().filter(({ name }) => name !== 'kept'))
    await client.send(new sdk.DeleteDBInstanceCommand({ ...id(name), SkipFinalSnapshot: true }));
  for (const { name, shown } of snapshots.all()) {
    if (name !== 'whole' && shown.SnapshotType === 'manual')
      await client.send(new sdk.DeleteDBSnapshotCommand({ DBSnapshotIdentifier: name }));
  }
  await expect.poll(underWay, { timeout: 60_000, interval: 100 }).toEqual([]);
}
