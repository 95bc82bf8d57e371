import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ClientKind, openClient, type RdsClient } from '../support/clients.ts';
import { account, type LocalRds, master, startLocalRds } from '../support/local-rds.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/*
 * Each client as its package is, with nothing but the endpoint set, from the creation of an instance to its deletion.
 */

const there = 'eu-central-1';
const kinds: { kind: ClientKind; name: string; fault: RegExp }[] = [
  {
    kind: 'the SDK for JavaScript',
    name: 'js',
    fault: /^DBInstanceNotFoundFault: DBInstance nobody not found\.$/,
  },
  {
    kind: 'boto3',
    name: 'py',
    fault:
      /^DBInstanceNotFoundFault: An error occurred \(DBInstanceNotFound\) when calling the DescribeDBInstances operation: DBInstance nobody not found\.$/,
  },
  {
    kind: 'the AWS CLI',
    name: 'cli',
    fault:
      /An error occurred \(DBInstanceNotFound\) when calling the DescribeDBInstances operation: DBInstance nobody not found\./,
  },
];

let local: LocalRds;
beforeAll(async () => {
  local = await startLocalRds();
});
afterAll(() => local.stop());

const texts = (name: string, region?: string) =>
  local.connect(
    name,
    async (client) => {
      const { rows } = await client.query<{ text: string }>('SELECT text FROM t ORDER BY id');
      return rows.map(({ text }) => text);
    },
    region,
  );
const write = (name: string, text: string, region?: string) =>
  local.connect(name, (client) => client.query('INSERT INTO t (text) VALUES ($1)', [text]), region);

describe.each(kinds)('$kind', ({ kind, name, fault }) => {
  let rds: RdsClient;
  const id = (suffix = '') => ({ DBInstanceIdentifier: `${name}${suffix}` });
  const snapshot = { DBSnapshotIdentifier: `${name}-evening` };
  const quiet = { BackupRetentionPeriod: 0 };

  beforeAll(async () => {
    rds = await openClient(kind, {
      PATH: process.env.PATH ?? '',
      HOME: local.folder,
      AWS_ENDPOINT_URL_RDS: local.rds.endpoint,
      AWS_ACCESS_KEY_ID: account,
      AWS_SECRET_ACCESS_KEY: 'any',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_PAGER: '',
    });
  });
  afterAll(() => rds?.close());

  test('drives an instance from its creation by snapshot, copy, restore, moment and replica to its deletion', async () => {
    const Tags = [{ Key: 'a', Value: 'ü + x@y: 1' }];
    const { DBInstance: made } = await rds.call('CreateDBInstance', {
      ...id(),
      ...master,
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: 20,
      BackupRetentionPeriod: 1,
      Tags,
    });
    expect(made.DBInstanceStatus).toBe('creating');
    await rds.wait('DBInstanceAvailable', id());
    const { TagList } = await rds.call('ListTagsForResource', { ResourceName: made.DBInstanceArn });
    expect(TagList).toEqual(Tags);
    await local.connect(name, (client) => client.query('CREATE TABLE t (id serial PRIMARY KEY, text text)'));
    await write(name, 'before the snapshot');

    await rds.call('CreateDBSnapshot', { ...id(), ...snapshot });
    await rds.wait('DBSnapshotAvailable', snapshot);
    await write(name, 'after the snapshot');
    await rds.call(
      'CopyDBSnapshot',
      {
        SourceDBSnapshotIdentifier: made.DBInstanceArn.replace(`:db:${name}`, `:snapshot:${name}-evening`),
        TargetDBSnapshotIdentifier: snapshot.DBSnapshotIdentifier,
        SourceRegion: 'eu-west-1',
      },
      there,
    );
    await rds.wait('DBSnapshotAvailable', snapshot, there);
    await rds.call('RestoreDBInstanceFromDBSnapshot', { ...id(), ...snapshot, ...quiet }, there);
    await rds.wait('DBInstanceAvailable', id(), there);
    expect(await texts(name, there)).toEqual(['before the snapshot']);

    await write(name, 'before the moment');
    const moment = await betweenSeconds();
    await write(name, 'after the moment');
    const reached = async () => {
      const { DBInstances } = await rds.call('DescribeDBInstances', id());
      return new Date(DBInstances[0].LatestRestorableTime ?? 0);
    };
    await expect.poll(reached, { timeout: 60_000 }).toSatisfy((time: Date) => time > moment);
    await rds.call('RestoreDBInstanceToPointInTime', {
      SourceDBInstanceIdentifier: name,
      TargetDBInstanceIdentifier: `${name}-then`,
      // The SDK sends a Date, the others what they are given.
      RestoreTime: kind === 'the SDK for JavaScript' ? moment : moment.toISOString(),
      ...quiet,
    });
    await rds.wait('DBInstanceAvailable', id('-then'));
    expect(await texts(`${name}-then`)).toEqual([
      'before the snapshot',
      'after the snapshot',
      'before the moment',
    ]);

    await rds.call('CreateDBInstanceReadReplica', {
      ...id('-replica'),
      SourceDBInstanceIdentifier: name,
    });
    await rds.wait('DBInstanceAvailable', id('-replica'));
    const { DBInstances } = await rds.call('DescribeDBInstances', {
      Filters: [{ Name: 'db-instance-id', Values: [`${name}-replica`] }],
    });
    expect(DBInstances).toMatchObject([{ StatusInfos: [{ Status: 'replicating', Normal: true }] }]);
    await expect(write(`${name}-replica`, 'refused')).rejects.toMatchObject({ code: '25006' });
    await write(name, 'streamed');
    await expect.poll(() => lagSeconds(`${name}-replica`), { timeout: 20_000 }).toBe(0);
    expect(await texts(`${name}-replica`)).toContain('streamed');

    await rds.call('PromoteReadReplica', { ...id('-replica'), ...quiet });
    await expect
      .poll(async () => (await local.describe(`${name}-replica`)).ReadReplicaSourceDBInstanceIdentifier)
      .toBeUndefined();
    await rds.wait('DBInstanceAvailable', id('-replica'));
    await write(`${name}-replica`, 'promoted');
    expect(await texts(`${name}-replica`)).toEqual([...(await texts(name)), 'promoted']);

    await rds.call('DeleteDBInstance', { ...id('-replica'), SkipFinalSnapshot: true });
    await rds.wait('DBInstanceDeleted', id('-replica'));
  });

  test('tells a fault as its users know it', async () => {
    await expect(rds.call('DescribeDBInstances', { DBInstanceIdentifier: 'nobody' })).rejects.toThrow(fault);
  });
});

/** A moment that stays between what was before and what comes, cut to seconds as some clients send it. */
async function betweenSeconds(): Promise<Date> {
  const second = () => Math.floor(Date.now() / 1_000);
  const before = second();
  while (second() < before + 1) await new Promise((resolve) => setTimeout(resolve, 20));
  const moment = new Date(second() * 1_000);
  while (second() * 1_000 <= moment.getTime()) await new Promise((resolve) => setTimeout(resolve, 20));
  return moment;
}

/** As AWS says to ask a replica: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PostgreSQL.Replication.ReadReplicas.html */
const lagSeconds = (name: string) =>
  local.connect(name, async (client) => {
    const { rows } = await client.query<{ lag: number }>(
      'SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END::float8 AS lag',
    );
    return rows[0]?.lag;
  });
