import * as sdk from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { anyKey } from '../../packages/local-rds/api/keys.ts';
import { type LocalRds, master, startLocalRds } from '../../packages/local-rds/test/support/local-rds.ts';
import type { Manifest } from '../../shared/backup/logical/manifest.ts';
import { createTakeBackup } from '../../shared/backup/logical/take-backup.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { postgresEngine } from '../../shared/database/postgres/postgres-engine.ts';
import { DAY } from '../../shared/plan/values/duration.ts';
import type { ReadyInstance } from '../../shared/restore/instance/advance-instance.ts';
import {
  type EmptyInstance,
  emptyOrigin,
  MAINTENANCE_DATABASE,
} from '../../shared/restore/instance/empty-origin.ts';
import { createLoadRecoveryPoint } from '../../shared/restore/load-recovery-point.ts';
import { scratchDatabases } from '../../shared/restore/scratch-database.ts';
import {
  scratchInstanceName,
  scratchInstanceTags,
} from '../../shared/restore/scratch-instance/scratch-instance-mark.ts';
import { createValidateCopy } from '../../shared/validation/validate-copy.ts';
import { decideVerdict } from '../../shared/validation/verdict.ts';
import { describeDisposal } from '../contract/disposal.ts';
import { memoryVault } from '../unit/vault/memory-vault.ts';
import {
  accessTo,
  deployment,
  disposalOf,
  keptSecrets,
  newRun,
  openScratch,
  region,
  rehearseOn,
  workload,
} from './rds-instances.ts';

vi.setConfig({ testTimeout: 60_000 });

/*
 * RDS instances that are created empty for one restore test of a logical backup: a local RDS with real PostgreSQL behind it,
 * without AWS around it. What RDS refuses is from public issues of tools that create instances.
 */

const never = new AbortController().signal;
const progress = { report: () => {}, settled: async () => {} };
const { secrets, stored } = keptSecrets();
const vault = memoryVault();

let local: LocalRds;
let manifest: Manifest;
beforeAll(async () => {
  local = await startLocalRds({
    keys: { find: async (key, scope) => (key === 'alias/gone' ? undefined : anyKey.find(key, scope)) },
    secrets,
  });
  await local.create({ DBInstanceIdentifier: 'shop', DBName: 'app' });
  await local.connect('shop', (client) =>
    client.query(`
      CREATE EXTENSION citext;
      CREATE TABLE orders (id int PRIMARY KEY, item citext NOT NULL);
      CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders);
      CREATE INDEX ON orders (item);
      CREATE VIEW lamps AS SELECT * FROM orders WHERE item = 'lamp';
      INSERT INTO orders SELECT i, repeat('lamp', 100) FROM generate_series(1, 5000) i;
      INSERT INTO lines VALUES (1, 1), (2, 1), (3, 3);`),
  );
  const { Endpoint } = await local.describe('shop');
  const access = {
    host: Endpoint?.Address ?? '',
    port: Endpoint?.Port ?? 0,
    username: master.MasterUsername,
    password: master.MasterUserPassword,
    dbname: 'app',
    certificateAuthority: local.rds.ca,
  };
  await postgresEngine.heartbeats.beat(access, workload, new Date());
  const take = createTakeBackup({
    vault,
    snapshots: postgresEngine.snapshots,
    clock: systemClock,
    progress,
    attempt: 'one',
  });
  manifest = await take({
    workload,
    database: 'main',
    backup: 'full',
    runId: 'backup-1',
    runStartedAt: new Date(),
    planVersion: '0123456789ab',
    access,
    rows: 'binary',
    retention: DAY,
    connections: 2,
    signal: never,
  });
}, 120_000);
afterAll(() => local?.stop());

const open = (longestMs?: number) => openScratch(local, longestMs);
const shape = { securityGroups: ['sg-0a1b2c3d'], class: 'db.t4g.small', subnetGroup: 'default' };
const empty = (planned: EmptyInstance = {}, of: () => Promise<Manifest> = async () => manifest) =>
  emptyOrigin(local.client(), region, planned, of);
const rehearse = (name: string, input: object) => rehearseOn(local, name, input);
const described = async (DBInstanceIdentifier: string) =>
  (await local.client().send(new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier }))).DBInstances?.[0];

/** The database that RDS makes with every instance. */
const serverOf = (instance: ReadyInstance) => accessTo(instance, MAINTENANCE_DATABASE, { local, stored });

/** Makes the scratch database, loads the backup and validates it, as the functions do it. */
async function loadAndValidate(instance: ReadyInstance, beforeLoad = async () => {}) {
  const scratch = scratchDatabases(postgresEngine.scratchServers, serverOf(instance));
  const run = newRun();
  await scratch.create(run, manifest.source);
  await beforeLoad();
  const load = createLoadRecoveryPoint({ vault, restores: postgresEngine.restores, progress });
  const into = await scratch.claim(run, manifest.source);
  await load({ manifest, into, connections: 2, signal: never });
  const validate = createValidateCopy({ vault, comparisons: postgresEngine.comparisons, progress });
  const { checks, recoveredTo } = await validate({
    manifest,
    copy: await scratch.open(run.runId, manifest.source),
    plan: {
      afterRestore: [],
      freshness: (15 * 60_000) as never,
      checks: [{ name: 'orders', sql: 'SELECT count(*) FROM orders', expect: { equals: 5000 } }],
    },
    connections: 2,
    signal: never,
  });
  return { ...decideVerdict(checks), checks, recoveredTo };
}

describeDisposal('scratch instances that were created empty', () =>
  disposalOf(local, (scratch, run) => scratch.create(run, empty(), shape)),
);

describe('an instance that is created empty', () => {
  test('is encrypted, private, without backups, of the version of the source, and the backup is verified in it', async () => {
    const { scratch, instances } = open();
    const run = newRun();
    const instance = await scratch.create(run, empty(), shape);
    const { Endpoint: _, ...shown } = (await described(instance.name)) ?? {};
    expect(shown).toMatchObject({
      DBInstanceIdentifier: scratchInstanceName(deployment, run.runId),
      Engine: 'postgres',
      EngineVersion: manifest.source.serverVersionText.split(' ')[0],
      DBInstanceClass: 'db.t4g.small',
      AllocatedStorage: 20,
      StorageType: 'gp3',
      StorageEncrypted: true,
      PubliclyAccessible: false,
      DeletionProtection: false,
      BackupRetentionPeriod: 0,
      MultiAZ: false,
      AutoMinorVersionUpgrade: false,
      DBSubnetGroup: { DBSubnetGroupName: 'default' },
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0a1b2c3d' }],
      MasterUserSecret: { SecretStatus: 'active' },
    });
    expect(await loadAndValidate(instance)).toMatchObject({
      verdict: 'verified',
      recoveredTo: expect.any(Date),
    });
    expect(stored.has(instance.masterSecret)).toBe(true);
    await scratch.drop(run.runId);
    expect(stored.has(instance.masterSecret)).toBe(false);
    expect(await instances.find(instance.name)).toBeNull();
    expect(await instances.find('shop')).not.toBeNull();
  });

  test('whose storage is full in the middle of the load proves nothing, and is deleted', async () => {
    const { scratch, instances } = open();
    const run = newRun();
    const instance = await scratch.create(run, empty({ gibibytes: 20 }), shape);
    const fill = async () => {
      await rehearse('fill-storage', { instance: instance.name });
    };
    const failure = await loadAndValidate(instance, fill).catch((error: unknown) => error);
    // The backup is not to blame: RecoveryPointDamaged would reject it.
    expect(['DatabaseRefused', 'DatabaseUnreachable']).toContain((failure as Error).name);
    expect((await instances.find(instance.name))?.status).toBe('storage-full');
    await scratch.drop(run.runId);
    expect(await instances.find(instance.name)).toBeNull();
  });

  test('is one, though its creator was killed after it asked: the next attempt adopts it and reads no manifest', async () => {
    const { scratch } = open();
    const run = newRun();
    const into = { ...shape, name: scratchInstanceName(deployment, run.runId) };
    const created = { multiAz: false, minorUpgrades: false, copiesTags: false, backupDays: 0 };
    const tags = scratchInstanceTags(deployment, run);
    await empty().restore({ ...into, ...created, deletionProtection: false, tags });
    const gone = async () => {
      throw new Error('the manifest was read again');
    };
    const instance = await scratch.create(run, empty({}, gone), shape);
    const { Events = [] } = await local.client().send(
      new sdk.DescribeEventsCommand({
        SourceIdentifier: instance.name,
        SourceType: 'db-instance',
        Duration: 60,
      }),
    );
    expect(Events.filter(({ Message }) => Message === 'DB instance created')).toHaveLength(1);
    await scratch.drop(run.runId);
  });

  test('waits while a quota is reached, and goes on', async () => {
    const { scratch } = open();
    await rehearse('set-quota', { quota: 'instances', most: 1 });
    const run = newRun();
    const creating = scratch.create(run, empty(), shape);
    await expect.poll(() => [...local.faults]).toContain('CreateDBInstance InstanceQuotaExceededFault');
    expect(await open().instances.find(scratchInstanceName(deployment, run.runId))).toBeNull();
    await rehearse('set-quota', { quota: 'instances' });
    expect((await creating).status).toBe('available');
    await scratch.drop(run.runId);
  });

  test('that never becomes available is given up, and can be deleted', async () => {
    const { scratch, instances } = open(400);
    const run = newRun();
    const name = scratchInstanceName(deployment, run.runId);
    await rehearse('hold-next', { of: name, status: 'creating', seconds: 3600 });
    await expect(scratch.create(run, empty(), shape)).rejects.toMatchObject({
      name: 'InstanceNotAvailable',
      message: expect.stringContaining('creating'),
    });
    await rehearse('release', { of: name });
    await open().scratch.drop(run.runId);
    expect(await instances.find(name)).toBeNull();
  });

  test('that RDS could not create is not usable, and says what to look at', async () => {
    const { scratch } = open();
    const run = newRun();
    const name = scratchInstanceName(deployment, run.runId);
    await rehearse('hold-next', { of: name, status: 'creating', seconds: 0, failure: 'no address is left' });
    const failed = scratch.create(run, empty(), shape);
    await expect(failed).rejects.toMatchObject({
      name: 'InstanceNotUsable',
      hint: expect.stringContaining('describe-events'),
    });
    await open().scratch.drop(run.runId);
  });

  test('is refused where its name exists without the mark of this run, and nothing is done to that', async () => {
    const { scratch, instances } = open();
    const run = newRun();
    const name = scratchInstanceName(deployment, run.runId);
    await local.create({ DBInstanceIdentifier: name });
    await expect(scratch.create(run, empty(), shape)).rejects.toMatchObject({ name: 'InstanceNameTaken' });
    await expect(scratch.drop(run.runId)).rejects.toMatchObject({ name: 'ScratchNotOurs' });
    expect((await instances.find(name))?.status).toBe('available');
    await local
      .client()
      .send(new sdk.DeleteDBInstanceCommand({ DBInstanceIdentifier: name, SkipFinalSnapshot: true }));
  });
});

describe('what RDS refuses of an empty instance', () => {
  const major = () => String(Math.floor(manifest.source.serverVersion / 10_000));
  const of = (serverVersion: number) => async () => ({
    ...manifest,
    source: { ...manifest.source, serverVersion },
  });
  const refused = (planned: EmptyInstance, difference: object = {}, manifestOf = async () => manifest) =>
    open().scratch.create(newRun(), empty(planned, manifestOf), { ...shape, ...difference });

  // tryretool/terraform-retool-modules#70, RhinoSecurityLabs/cloudgoat#325, hashicorp-education/learn-terraform-rds#6
  test('a minor version that RDS does not offer any more is replaced by what it offers of the major one', async () => {
    const { scratch } = open();
    const run = newRun();
    const old = Number(major()) * 10_000 + 99;
    const instance = await scratch.create(run, empty({}, of(old)), shape);
    expect((await described(instance.name))?.EngineVersion).toMatch(new RegExp(`^${major()}\\.`));
    await scratch.drop(run.runId);
  });

  // sidpalas/devops-directive-terraform-course#8, RhinoSecurityLabs/cloudgoat#148
  test('a major version that RDS does not offer ends, and nothing was created', async () => {
    await expect(refused({}, {}, of(130_007))).rejects.toMatchObject({
      name: 'InstanceRefused',
      message: expect.stringContaining('Cannot find version 13'),
    });
  });

  test('a version of the plan is not replaced', async () => {
    await expect(refused({ engineVersion: `${major()}.99` })).rejects.toMatchObject({
      name: 'InstanceRefused',
      message: expect.stringContaining(`Cannot find version ${major()}.99`),
    });
  });

  test('a version of the plan that the backup cannot be loaded into is refused before RDS is asked', async () => {
    await expect(refused({ engineVersion: '13.7' })).rejects.toMatchObject({
      name: 'InstanceRefused',
      message: `the backup is of PostgreSQL ${major()}, and the plan wants an instance of 13.7`,
      hint: expect.stringContaining('engineVersion'),
    });
  });

  test.each([
    // cn-terraform/terraform-aws-sonarqube#88
    ['a class that there is none of', {}, { class: 'db.t2.small' }, /Invalid DB Instance class/],
    // crossplane/crossplane#179, terraform-aws-modules/terraform-aws-rds#378
    ['a subnet group that was deleted', {}, { subnetGroup: 'gone' }, /DB subnet group 'gone' does not exist/],
    // floci-io/floci#1278
    ['a parameter group that is missing', {}, { parameterGroup: 'gone' }, /DBParameterGroup not found: gone/],
    ['an option group that is missing', {}, { optionGroup: 'gone' }, /OptionGroupName: gone not found/],
    // cloudtools/troposphere#2141
    ['storage below what gp3 has', { gibibytes: 5 }, {}, /Invalid storage size/],
    ['storage beyond what gp3 has', { gibibytes: 65_537 }, {}, /Invalid storage size/],
  ])('%s ends, and names it', async (_, planned, difference, message) => {
    await expect(refused(planned, difference)).rejects.toMatchObject({
      name: 'InstanceRefused',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('into'),
    });
  });

  // hashicorp/terraform-provider-aws#41795: the key of the secret goes with the request for it alone.
  test('a KMS key that is missing ends, for the storage and the secret alike', async () => {
    await expect(refused({ kmsKey: 'alias/gone' })).rejects.toMatchObject({ name: 'InstanceKeyUnusable' });
  });

  // opensupplyhub/open-supply-hub#1114, cloudtools/troposphere#2153
  test('400 GiB and more get the throughput of RDS, because no Iops are asked for', async () => {
    const { scratch } = open();
    const run = newRun();
    const instance = await scratch.create(run, empty({ gibibytes: 400 }), shape);
    expect(await described(instance.name)).toMatchObject({ AllocatedStorage: 400, Iops: 12_000 });
    await scratch.drop(run.runId);
  });

  // getmoto/moto#8564, aws/aws-cdk#13865
  test('a name is in lower case already, so that the answer of RDS has the same', async () => {
    const name = scratchInstanceName('Lifeboat-Shop-PROD', 'Run-A');
    expect(name).toBe(name.toLowerCase());
  });

  test('nothing of all that is left', async () => {
    expect(await open().instances.list('lifeboat-scratch-')).toEqual([]);
  });
});
