import * as sdk from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { rehearse } from '../../rehearsal/ask.ts';
import { controls } from '../../rehearsal/controls.ts';
import { type RehearsalServer, startRehearsalServer } from '../../rehearsal/server.ts';
import { account, type LocalRds, startLocalRds } from '../support/local-rds.ts';

vi.setConfig({ testTimeout: 120_000 });

let local: LocalRds;
let rehearsal: RehearsalServer;

beforeAll(async () => {
  local = await startLocalRds();
  rehearsal = await startRehearsalServer(local.rds.stage, { port: 0 });
  await local.create({ DBInstanceIdentifier: 'shop', BackupRetentionPeriod: 1 });
  await local.connect('shop', async (client) => {
    await client.query(
      'CREATE TABLE t AS SELECT i, repeat(md5(i::text), 100) AS text FROM generate_series(1, 3000) i',
    );
  });
});
afterAll(async () => {
  await rehearsal?.stop();
  await local?.stop();
});

const call = (control: string, input: Record<string, unknown>) =>
  rehearse({ endpoint: rehearsal.endpoint ?? '' }, control, input);
const id = (DBInstanceIdentifier: string) => ({ DBInstanceIdentifier });
const status = async (name: string, region?: string) => (await local.describe(name, region)).DBInstanceStatus;
const count = (name: string, region?: string) =>
  local.connect(
    name,
    async (client) => (await client.query('SELECT count(*)::int AS n FROM t')).rows[0].n,
    region,
  );
const events = async (name: string) => {
  const wanted = { SourceIdentifier: name, SourceType: 'db-instance', Duration: 60 } as const;
  const { Events = [] } = await local.client().send(new sdk.DescribeEventsCommand(wanted));
  return Events.map(({ Message }) => Message ?? '');
};
const snapshotOf = async (instance: string, name: string) => {
  await local.client().send(new sdk.CreateDBSnapshotCommand({ ...id(instance), DBSnapshotIdentifier: name }));
  await local.snapshotAvailable(name);
};

describe('a Region', () => {
  test('goes down with all of its servers and without an answer, the others stay, and it comes back', async () => {
    const there = local.client('eu-central-1');
    await there.send(
      new sdk.CreateDBInstanceReadReplicaCommand({
        ...id('replica'),
        SourceDBInstanceIdentifier: `arn:aws:rds:eu-west-1:${account}:db:shop`,
      }),
    );
    await local.available('replica', 'eu-central-1');
    const { Endpoint } = await local.describe('shop');

    await call('take-region-down', { region: 'eu-west-1' });
    await expect(local.describe('shop')).rejects.toThrow(/socket hang up|ECONNRESET/);
    await expect(fetch(`http://127.0.0.1:${Endpoint?.Port}`)).rejects.toThrow(); // nobody listens there
    // What needs both Regions is refused, what needs the other one alone is done.
    const copied = there.send(
      new sdk.CopyDBSnapshotCommand({
        SourceDBSnapshotIdentifier: `arn:aws:rds:eu-west-1:${account}:snapshot:any`,
        TargetDBSnapshotIdentifier: 'copy',
      }),
    );
    await expect(copied).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    expect(await count('replica', 'eu-central-1')).toBe(3000);
    await there.send(new sdk.PromoteReadReplicaCommand(id('replica')));
    await expect
      .poll(
        async () => (await local.describe('replica', 'eu-central-1')).ReadReplicaSourceDBInstanceIdentifier,
      )
      .toBeUndefined();

    await call('bring-region-up', { region: 'eu-west-1' });
    await local.available('shop');
    expect(await count('shop')).toBe(3000);
    expect((await local.describe('shop')).Endpoint).toEqual(Endpoint);
  });

  test('takes up what was under way when it went down, or says why it failed', async () => {
    const client = local.client();
    const rebooting = local.states.next(':db:shop', 'rebooting');
    const creating = local.states.next(':db:half', 'creating');
    await snapshotOf('shop', 'whole');
    await client.send(new sdk.RebootDBInstanceCommand(id('shop')));
    await client.send(
      new sdk.RestoreDBInstanceFromDBSnapshotCommand({ ...id('half'), DBSnapshotIdentifier: 'whole' }),
    );
    await Promise.all([rebooting.entered, creating.entered]);

    await call('take-region-down', { region: 'eu-west-1' });
    await call('bring-region-up', { region: 'eu-west-1' });
    await local.available('shop');
    expect(await events('shop')).toContain('DB instance restarted');
    await expect.poll(() => status('half')).toBe('failed');
    expect(await events('half')).toContainEqual(expect.stringMatching(/The Region went down while/));
    await client.send(new sdk.DeleteDBInstanceCommand({ ...id('half'), SkipFinalSnapshot: true }));
    await local.deleted('half');
  });

  test('that is up may be brought up, and one that is down be taken down, again', async () => {
    await call('bring-region-up', { region: 'eu-north-1' });
    await call('take-region-down', { region: 'eu-north-1' });
    await call('take-region-down', { region: 'eu-north-1' });
    await call('bring-region-up', { region: 'eu-north-1' });
    await expect(local.describe('nobody', 'eu-north-1')).rejects.toMatchObject({
      name: 'DBInstanceNotFoundFault',
    });
  });
});

test('an instance whose server is killed notices, recovers and is available again', async () => {
  const rebooting = local.states.next(':db:shop', 'rebooting');
  await call('kill-instance', { instance: 'shop' });
  await rebooting.entered;
  expect(await status('shop')).toBe('rebooting');
  rebooting.release();
  await local.available('shop');
  expect(await count('shop')).toBe(3000);
  expect(await events('shop')).toContain('Recovery of the DB instance is complete.');
});

test('a replica stops streaming and says so, and catches up when it is resumed', async () => {
  await local
    .client()
    .send(new sdk.CreateDBInstanceReadReplicaCommand({ ...id('near'), SourceDBInstanceIdentifier: 'shop' }));
  await local.available('near');
  const replication = async () => (await local.describe('near')).StatusInfos?.[0]?.Status;

  const lag = async () => (await call('replica-lag', { instance: 'near' })) as { seconds: number };
  await expect.poll(lag).toEqual({ seconds: 0 });
  await call('stop-streaming', { instance: 'near' });
  expect(await replication()).toBe('stopped');
  await local.connect('shop', (client) => client.query("INSERT INTO t VALUES (0, 'late')"));
  expect(await count('near')).toBe(3000);
  const { seconds } = await lag();
  expect(seconds).toBeGreaterThan(0);
  expect((await lag()).seconds).toBeGreaterThan(seconds);

  await call('resume-streaming', { instance: 'near' });
  await expect.poll(() => count('near'), { timeout: 20_000 }).toBe(3001);
  expect(await replication()).toBe('replicating');
  expect(await lag()).toEqual({ seconds: 0 });
  await local.connect('shop', (client) => client.query('DELETE FROM t WHERE i = 0'));
  await local.client().send(new sdk.DeleteDBInstanceCommand({ ...id('near'), SkipFinalSnapshot: true }));
  await local.deleted('near');
});

test('an instance is storage-full, refuses what needs room, can be read, and is freed', async () => {
  const insert = () =>
    local.connect('shop', (client) =>
      client.query("INSERT INTO t SELECT -1, repeat('x', 1000) FROM generate_series(1, 20000)"),
    );
  await call('fill-storage', { instance: `arn:aws:rds:eu-west-1:${account}:db:shop` });
  expect(await status('shop')).toBe('storage-full');
  await expect(insert()).rejects.toMatchObject({ code: '53100' });
  expect(await count('shop')).toBe(3000);
  await call('free-storage', { instance: 'shop' });
  expect(await status('shop')).toBe('available');
  await insert();
  await local.connect('shop', (client) => client.query('DELETE FROM t WHERE i = -1'));
});

test('an archive that is full stands still while the instance goes on, and loses nothing once it has room', async () => {
  const reached = async () => (await local.describe('shop')).LatestRestorableTime?.getTime() ?? 0;
  const failures = () =>
    local.connect('shop', async (client) => {
      const { rows } = await client.query('SELECT failed_count::int AS failures FROM pg_stat_archiver');
      return rows[0].failures as number;
    });
  const before = await failures();
  await call('fill-archive', { instance: 'shop' });
  const filledAt = Date.now();
  // Each row with more than a segment of WAL behind it: several wait for room.
  const write = (i: number) =>
    local.connect('shop', async (client) => {
      await client.query('INSERT INTO held VALUES ($1)', [i]);
      await client.query(
        'CREATE TABLE filler AS SELECT repeat(md5(i::text), 50) FROM generate_series(1, 11000) i',
      );
      await client.query('DROP TABLE filler');
    });
  await local.connect('shop', (client) => client.query('CREATE TABLE held (i int PRIMARY KEY)'));
  for (const i of [1, 2]) await write(i);
  // A segment that was being copied when the room went is in the archive by the time that the next one has failed.
  await expect.poll(failures, { timeout: 20_000 }).toBeGreaterThan(before);
  const stuck = await reached();
  expect(stuck).toBeLessThanOrEqual(filledAt);
  await call('kill-instance', { instance: 'shop' });
  await expect.poll(async () => (await events('shop')).join(), { timeout: 20_000 }).toContain('is complete');
  await local.available('shop');
  await write(3);
  expect(await reached()).toBe(stuck);
  await call('free-archive', { instance: 'shop' });
  await write(4);
  const acknowledged = Date.now();
  await expect.poll(reached, { timeout: 30_000 }).toBeGreaterThan(acknowledged);
  await local.client().send(
    new sdk.RestoreDBInstanceToPointInTimeCommand({
      SourceDBInstanceIdentifier: 'shop',
      TargetDBInstanceIdentifier: 'after-room',
      UseLatestRestorableTime: true,
      BackupRetentionPeriod: 0,
    }),
  );
  await local.available('after-room');
  const { rows } = await local.connect('after-room', (client) =>
    client.query('SELECT i FROM held ORDER BY i'),
  );
  expect(rows.map(({ i }) => i)).toEqual([1, 2, 3, 4]);
});

test('a flipped byte is found by its checksum', async () => {
  await local.connect('shop', (client) =>
    client.query("CREATE TABLE rotten AS SELECT i, repeat('x', 100) AS text FROM generate_series(1, 100) i"),
  );
  await call('flip-byte', { instance: 'shop', database: 'postgres', table: 'rotten' });
  await expect(local.connect('shop', (client) => client.query('SELECT * FROM rotten'))).rejects.toMatchObject(
    {
      code: 'XX001',
    },
  );
  await local.connect('shop', (client) => client.query('DROP TABLE rotten'));
});

describe('states', () => {
  test('hold the next operation on one thing for so long, and no other', async () => {
    await call('hold-next', { of: 'held', status: 'creating', seconds: 2 });
    const before = Date.now();
    await snapshotOf('shop', 'other');
    await snapshotOf('shop', 'held');
    expect(Date.now() - before).toBeGreaterThan(2000);
    const { DBSnapshots = [] } = await local
      .client()
      .send(new sdk.DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'held' }));
    const { Events = [] } = await local
      .client()
      .send(
        new sdk.DescribeEventsCommand({ SourceIdentifier: 'held', SourceType: 'db-snapshot', Duration: 60 }),
      );
    const begun = Events[0]?.Date?.getTime() ?? 0;
    expect((DBSnapshots[0]?.SnapshotCreateTime?.getTime() ?? 0) - begun).toBeGreaterThanOrEqual(2000);
  });

  test('let the next operation fail, with the reason given', async () => {
    await call('hold-next', { of: 'bad', status: 'creating', failure: 'The storage has gone away.' });
    await local
      .client()
      .send(new sdk.RestoreDBInstanceFromDBSnapshotCommand({ ...id('bad'), DBSnapshotIdentifier: 'other' }));
    await expect.poll(() => status('bad')).toBe('failed');
    expect(await events('bad')).toContainEqual(expect.stringContaining('The storage has gone away.'));
    await local.client().send(new sdk.DeleteDBInstanceCommand({ ...id('bad'), SkipFinalSnapshot: true }));
    await local.deleted('bad');
  });

  test('all last at least as long as is wanted', async () => {
    await call('slow-states', { seconds: 1.5 });
    const before = Date.now();
    await local.client().send(new sdk.RebootDBInstanceCommand(id('shop')));
    await expect.poll(() => status('shop'), { interval: 50, timeout: 20_000 }).toBe('available');
    expect(Date.now() - before).toBeGreaterThanOrEqual(1500);
    await call('slow-states', { seconds: 0 });
  });
});

test('a restored instance loads its blocks when they are first read, and then has them', async () => {
  await local.connect('shop', (client) =>
    client.query("CREATE TABLE large AS SELECT i, repeat('x', 1000) AS text FROM generate_series(1, 8000) i"),
  );
  await snapshotOf('shop', 'lazy');
  await call('make-restores-lazy', { millisecondsPerBlock: 50, seconds: 600 });
  await local.client().send(
    new sdk.RestoreDBInstanceFromDBSnapshotCommand({
      ...id('lazy'),
      DBSnapshotIdentifier: 'lazy',
      BackupRetentionPeriod: 0,
    }),
  );
  await local.available('lazy');
  await call('make-restores-lazy', { millisecondsPerBlock: 0, seconds: 0 });
  const scan = async () => {
    const began = performance.now();
    await local.connect('lazy', (client) => client.query('SELECT sum(length(text)) FROM large'));
    return performance.now() - began;
  };
  // Nine megabytes are 18 blocks. PostgreSQL reads ahead in three processes, so that three may wait at one time.
  const first = await scan();
  expect(first).toBeGreaterThan(300);
  await call('kill-instance', { instance: 'lazy' }); // its own cache is empty, the disk has the blocks
  await expect.poll(async () => (await events('lazy')).join(), { timeout: 20_000 }).toContain('is complete');
  expect(await scan()).toBeLessThan(first);
});

describe('a call that cannot be done is refused with the reason', () => {
  test.each([
    ['kill-instance', { instance: 'nobody' }, /409.*no instance \\"nobody\\"/],
    [
      'kill-instance',
      { instance: `arn:aws:rds:eu-west-3:${account}:db:shop` },
      /409.*There is no instance arn/,
    ],
    ['kill-instance', {}, /400.*instance/],
    ['kill-instance', { instance: 'shop', and: 'more' }, /400.*and/],
    ['stop-streaming', { instance: 'shop' }, /409.*no replica/],
    ['replica-lag', { instance: 'shop' }, /409.*no replica/],
    ['take-region-down', { region: 'Frankfurt' }, /400.*Region/],
    ['flip-byte', { instance: 'shop', database: 'postgres', table: 'none' }, /409.*none/],
    ['make-it-rain', {}, /404.*take-region-down/],
  ])('%s %j', async (control, input, answer) => {
    await expect(call(control, input)).rejects.toThrow(answer);
  });

  test('that is no JSON', async () => {
    const answer = await fetch(`${rehearsal.endpoint}/kill-instance`, { method: 'POST', body: 'shop' });
    expect(answer.status).toBe(400);
  });

  test('that comes from a web page', async () => {
    const answer = await fetch(`${rehearsal.endpoint}/kill-instance`, {
      method: 'POST',
      body: '{"instance":"shop"}',
      headers: { origin: 'https://example.com' },
    });
    expect(answer.status).toBe(403);
    expect(await status('shop')).toBe('available');
  });
});

test('the controls list themselves, with what each takes', async () => {
  const listed = await (await fetch(`${rehearsal.endpoint}/`)).json();
  expect(listed).toHaveLength(controls.length);
  expect(listed).toContainEqual({
    name: 'take-region-down',
    effect: expect.any(String),
    input: expect.objectContaining({ required: ['region'] }),
  });
});
