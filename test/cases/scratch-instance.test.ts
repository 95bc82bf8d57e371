import * as sdk from '@aws-sdk/client-rds';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type LocalRds, master, startLocalRds } from '../../packages/local-rds/test/support/local-rds.ts';
import { ManifestDamaged } from '../../shared/backup/logical/manifest.ts';
import type { NearManifest } from '../../shared/backup/logical/nearest-manifest.ts';
import { automatedBackupsIn } from '../../shared/backup/rds-point-in-time/instance-automated-backups.ts';
import type { DatabaseAccess } from '../../shared/database/access.ts';
import { heartbeats } from '../../shared/database/postgres/heartbeat.ts';
import { comparisons } from '../../shared/database/postgres/inspect-copy.ts';
import { storageChecks } from '../../shared/database/postgres/storage/storage-checks.ts';
import { DAY } from '../../shared/plan/values/duration.ts';
import type { ReadyInstance } from '../../shared/restore/instance/advance-instance.ts';
import { compareSettings } from '../../shared/restore/instance/compare-settings.ts';
import { momentOrigin } from '../../shared/restore/instance/moment-origin.ts';
import { snapshotOrigin } from '../../shared/restore/instance/snapshot-origin.ts';
import { scratchInstanceName } from '../../shared/restore/scratch-instance/scratch-instance-mark.ts';
import { createValidateInstance } from '../../shared/validation/validate-instance.ts';
import { decideVerdict } from '../../shared/validation/verdict.ts';
import { describeDisposal } from '../contract/disposal.ts';
import {
  accessTo,
  deployment,
  disposalOf,
  keptSecrets,
  newRun,
  openScratch,
  region,
  rehearseOn,
  snapshotOf,
  workload,
} from './rds-instances.ts';

vi.setConfig({ testTimeout: 60_000 });

/*
 * Scratch instances of a local RDS with real PostgreSQL behind it, without AWS around it: everything but the functions.
 */

const never = new AbortController().signal;
const { secrets, stored } = keptSecrets();

let local: LocalRds;
beforeAll(async () => {
  local = await startLocalRds({
    secrets,
  });
  await Promise.all(
    ['shop', 'rotten', 'empty'].map((DBInstanceIdentifier) =>
      local.create({ DBInstanceIdentifier, DBName: 'app', StorageEncrypted: true, DeletionProtection: true }),
    ),
  );
  for (const instance of ['shop', 'rotten']) {
    await local.connect(instance, (client) =>
      client.query(`
        CREATE TABLE orders (id int PRIMARY KEY, item text);
        CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders);
        INSERT INTO orders SELECT i, repeat('lamp', 100) FROM generate_series(1, 500) i;
        INSERT INTO lines VALUES (1, 1), (2, 1), (3, 3);`),
    );
    await heartbeats.beat(await ownerOf(instance), workload, new Date());
  }
  await local.connect('rotten', (client) => client.query('CHECKPOINT')).catch(() => {});
}, 120_000);
afterAll(() => local?.stop());

async function ownerOf(name: string): Promise<DatabaseAccess> {
  const { Endpoint } = await local.describe(name);
  return {
    host: Endpoint?.Address ?? '',
    port: Endpoint?.Port ?? 0,
    username: master.MasterUsername,
    password: master.MasterUserPassword,
    dbname: 'app',
    certificateAuthority: local.rds.ca,
  };
}

const copyOf = (instance: ReadyInstance, dbname = 'app') => accessTo(instance, dbname, { local, stored });
const open = (longestMs?: number) => openScratch(local, longestMs);
const shape = { securityGroups: ['sg-0a1b2c3d'], class: 'db.t4g.small' };
/** What a scratch instance has otherwise than its source, because nobody needs it for a test. */
const OF_A_SCRATCH = { class: shape.class, multiAz: false, backupDays: 0, minorUpgrades: false };
const rehearse = (name: string, input: object) => rehearseOn(local, name, input);
/** A snapshot of an instance now. */
const pointOf = (instance: string) => snapshotOf(local, instance);
const originOf = (point: Awaited<ReturnType<typeof pointOf>>) =>
  snapshotOrigin(local.client(), region, point);

/** As the functions do it: reads every block of an instance, and validates it. */
async function validate(
  instance: ReadyInstance,
  point: Awaited<ReturnType<typeof pointOf>>,
  dbname = 'app',
  near: NearManifest = { manifest: null, unreadable: [] },
) {
  const access = copyOf(instance, dbname);
  const read = await storageChecks.inspect(access, { connections: 2, signal: never }, (copy) =>
    copy.readBlocks(null, () => true),
  );
  const progress = { report: () => {}, settled: async () => {} };
  const { checks, recoveredTo } = await createValidateInstance({ comparisons, storageChecks, progress })({
    workload,
    instance: access,
    takenAt: point.takenAt,
    near,
    differences: point.settings && compareSettings(point.settings, instance.settings, OF_A_SCRATCH),
    read,
    plan: {
      afterRestore: [],
      freshness: (15 * 60_000) as never,
      checks: [],
    },
    connections: 2,
    signal: never,
    hasTime: () => true,
  });
  return { ...decideVerdict(checks, 'instance'), checks, recoveredTo, read };
}

describeDisposal('scratch instances', () => {
  let point: Promise<Awaited<ReturnType<typeof pointOf>>> | undefined;
  return disposalOf(local, async (scratch, run) => {
    point ??= pointOf('empty');
    await scratch.create(run, originOf(await point), shape);
  });
});

describe('an instance that is restored from a snapshot', () => {
  test('is verified: every block read, settings as its source, rows there, and nothing is left of it', async () => {
    const { scratch, instances } = open();
    const point = await pointOf('shop');
    const run = newRun();
    const instance = await scratch.create(run, originOf(point), shape);
    const { verdict, reason, checks, recoveredTo, read } = await validate(instance, point);
    expect({ verdict, reason }).toMatchObject({ verdict: 'verified' });
    expect(read).toMatchObject({ damaged: [], unread: [], next: null });
    expect(read.bytes).toBeGreaterThan(200_000);
    expect(recoveredTo).not.toBeNull();
    expect(checks.filter(({ outcome }) => outcome === 'passed').map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['settings', 'blocks', 'tables', 'constraints', 'freshness']),
    );
    const { DBInstances = [] } = await local
      .client()
      .send(new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier: instance.name }));
    expect(DBInstances[0]).toMatchObject({
      PubliclyAccessible: false,
      DeletionProtection: false,
      BackupRetentionPeriod: 0,
      DBInstanceClass: 'db.t4g.small',
    });
    const secrets = stored.size;
    await scratch.drop(run.runId);
    expect(stored.size).toBe(secrets - 1);
    expect(await instances.find(instance.name)).toBeNull();
    expect(await instances.find('shop')).not.toBeNull();
  });

  test('is verified beside a logical backup whose manifest is damaged: that is left out by name', async () => {
    const { scratch } = open();
    const point = await pointOf('shop');
    const run = newRun();
    const instance = await scratch.create(run, originOf(point), shape);
    const error = new ManifestDamaged('manifest "manifests/shop/full/x.json" was altered');
    const damaged = { manifest: null, unreadable: [{ id: 'x', error }] };
    const { verdict, reason, checks } = await validate(instance, point, 'app', damaged);
    expect({ verdict, reason }).toEqual({
      verdict: 'verified',
      reason: expect.stringContaining('manifest of recovery point x is damaged'),
    });
    expect(checks).toContainEqual(
      expect.objectContaining({ kind: 'coverage', outcome: 'left-out', found: error.message }),
    );
    await scratch.drop(run.runId);
  });

  test('whose copy has a flipped bit is rejected, and the table is named', async () => {
    const { scratch } = open();
    const point = await pointOf('rotten');
    const run = newRun();
    const instance = await scratch.create(run, originOf(point), shape);
    await rehearse('flip-byte', { instance: instance.name, database: 'app', table: 'orders' });
    const { verdict, reason } = await validate(instance, point);
    expect({ verdict, reason }).toEqual({
      verdict: 'rejected',
      reason: expect.stringMatching(
        /^public\.orders: expected every block has its checksum, found .*invalid page in block 0/,
      ),
    });
    await scratch.drop(run.runId);
  });

  test('whose login may not read blocks is scanned row by row, and it is named what that leaves out', async () => {
    const { scratch } = open();
    const point = await pointOf('rotten');
    const run = newRun();
    const instance = await scratch.create(run, originOf(point), shape);
    const owner = copyOf(instance);
    const { certificateAuthority: ca, username: user, dbname, ...at } = owner;
    const client = new pg.Client({ ...at, user, database: dbname, ssl: { ca } });
    await client.connect();
    await client.query(
      "CREATE ROLE reader LOGIN PASSWORD 'only-here'; GRANT SELECT ON orders, lines TO reader",
    );
    await client.end();
    const reader = { ...owner, username: 'reader', password: 'only-here' };
    const read = () =>
      storageChecks.inspect(reader, { connections: 2, signal: never }, (copy) =>
        copy.readBlocks(null, () => true),
      );
    const whole = await read();
    expect(whole).toMatchObject({ damaged: [], next: null });
    expect(whole.unread).toContain('indexes and sequences: the extension pg_prewarm cannot be created');
    await rehearse('flip-byte', { instance: instance.name, database: 'app', table: 'orders' });
    expect((await read()).damaged).toMatchObject([{ table: 'public.orders' }]);
    await scratch.drop(run.runId);
  });

  test('that is empty is rejected', async () => {
    const { scratch } = open();
    const point = await pointOf('empty');
    const run = newRun();
    const instance = await scratch.create(run, originOf(point), shape);
    expect(await validate(instance, point)).toMatchObject({
      verdict: 'rejected',
      reason: expect.stringContaining('no table at all'),
    });
    await scratch.drop(run.runId);
  });

  test('of a damaged snapshot is not restorable, and is deleted all the same', async () => {
    const { scratch, instances } = open();
    const point = await pointOf('shop');
    await rehearse('damage-snapshot', { snapshot: point.snapshot });
    const run = newRun();
    await expect(scratch.create(run, originOf(point), shape)).rejects.toMatchObject({
      name: 'InstanceNotRestorable',
      message: expect.stringContaining(point.snapshot),
    });
    expect(await scratch.drop(run.runId)).toEqual({ dropped: true });
    expect(await instances.list('lifeboat-scratch-')).toEqual([]);
  });

  test('of a missing snapshot says so', async () => {
    const { scratch } = open();
    const point = { ...(await pointOf('empty')), snapshot: 'lifeboat-nobody-took-it' };
    await expect(scratch.create(newRun(), originOf(point), shape)).rejects.toMatchObject({
      name: 'OriginMissing',
    });
  });

  test('into a parameter group that nobody made is refused, and says so', async () => {
    const { scratch } = open();
    const wrong = { ...shape, parameterGroup: 'nobody-made-it' };
    await expect(scratch.create(newRun(), originOf(await pointOf('empty')), wrong)).rejects.toMatchObject({
      name: 'InstanceRefused',
      message: expect.stringContaining('nobody-made-it'),
    });
  });

  test('waits for a quota, and ends by name where it stays', async () => {
    const { scratch } = open(300);
    const point = await pointOf('empty');
    await rehearse('set-quota', { quota: 'instances', most: 1 });
    await expect(scratch.create(newRun(), originOf(point), shape)).rejects.toMatchObject({
      name: 'InstanceNotAvailable',
      message: expect.stringContaining('queued, because a quota is reached'),
    });
    await rehearse('set-quota', { quota: 'instances' });
  });

  test('that never becomes available ends by name; its deletion waits until RDS can delete it', async () => {
    const { scratch, instances } = open(300);
    const run = newRun();
    const name = scratchInstanceName(deployment, run.runId);
    const point = await pointOf('empty');
    await rehearse('hold-next', { of: name, status: 'creating', seconds: 3_600 });
    await expect(scratch.create(run, originOf(point), shape)).rejects.toMatchObject({
      name: 'InstanceNotAvailable',
      message: expect.stringContaining('creating'),
    });
    await expect(scratch.drop(run.runId)).rejects.toMatchObject({
      name: 'ScratchNotDeleted',
      message: expect.stringContaining('creating'),
    });
    const sweep = await scratch.sweep(workload, new Date(Date.now() + 2 * DAY));
    expect(sweep.failed).toMatchObject([{ name, reason: expect.stringContaining('creating') }]);
    await rehearse('release', { of: name });
    expect(await open().scratch.drop(run.runId)).toEqual({ dropped: true });
    expect(await instances.find(name)).toBeNull();
  });

  test('without room for more data is not usable, and is deleted all the same', async () => {
    const { scratch, instances } = open();
    const origin = originOf(await pointOf('empty'));
    const run = newRun();
    const { name } = await scratch.create(run, origin, shape);
    await rehearse('fill-storage', { instance: name });
    await expect(scratch.create(run, origin, shape)).rejects.toMatchObject({
      name: 'InstanceNotUsable',
      message: expect.stringContaining('storage-full'),
    });
    expect(await scratch.drop(run.runId)).toEqual({ dropped: true });
    expect(await instances.find(name)).toBeNull();
  });

  test('of a moment is made of what RDS retains of a deleted source as well', async () => {
    const { scratch } = open();
    await local.create({
      DBInstanceIdentifier: 'gone',
      DBName: 'app',
      StorageEncrypted: true,
      BackupRetentionPeriod: 1,
    });
    await local.connect('gone', (client) => client.query('CREATE TABLE kept AS SELECT 1 AS one'));
    const { DbiResourceId = '' } = await local.describe('gone');
    const backups = automatedBackupsIn(local.client(), region, { instance: 'gone', from: region });
    const written = Date.now();
    await vi.waitUntil(
      async () => ((await backups.find())?.window?.latest.getTime() ?? 0) > written + 1_000,
      { timeout: 30_000, interval: 200 },
    );
    await local.client().send(
      new sdk.DeleteDBInstanceCommand({
        DBInstanceIdentifier: 'gone',
        SkipFinalSnapshot: true,
        DeleteAutomatedBackups: false,
      }),
    );
    await vi.waitUntil(async () => (await backups.find())?.status === 'retained', { timeout: 30_000 });
    const moment = new Date(Math.ceil(written / 1_000) * 1_000);
    const origin = momentOrigin(local.client(), region, {
      instance: 'gone',
      moment,
      source: async () => ({ SourceDbiResourceId: DbiResourceId }),
      settings: null,
    });
    const run = newRun();
    const instance = await scratch.create(run, origin, shape);
    const tables = await storageChecks.inspect(copyOf(instance), { connections: 1, signal: never }, (copy) =>
      copy.tables(),
    );
    expect(tables).toEqual({ tables: 1, filled: 1 });
    await scratch.drop(run.runId);
    const late = momentOrigin(local.client(), region, {
      instance: 'gone',
      moment,
      source: async () => ({ SourceDbiResourceId: 'db-NOBODY' }),
      settings: null,
    });
    await expect(scratch.create(newRun(), late, shape)).rejects.toMatchObject({ name: 'OriginMissing' });
  });

  test('is made, read and deleted although RDS throttles every call', async () => {
    const { scratch } = open();
    const point = await pointOf('empty');
    const run = newRun();
    await rehearse('throttle', { refusals: 2 });
    await scratch.create(run, originOf(point), shape);
    expect(await scratch.drop(run.runId)).toEqual({ dropped: true });
    await rehearse('throttle', { refusals: 0 });
  });

  test('is one, however many attempts ask for it at the same time', async () => {
    const { scratch, instances } = open();
    const origin = originOf(await pointOf('empty'));
    const run = newRun();
    const made = await Promise.all([1, 2, 3].map(() => scratch.create(run, origin, shape)));
    expect(new Set(made.map(({ arn }) => arn)).size).toBe(1);
    expect(await instances.list('lifeboat-scratch-')).toHaveLength(1);
    await scratch.drop(run.runId);
  });
});
