import {
  CopyDBClusterSnapshotCommand,
  CreateDBClusterSnapshotCommand,
  DeleteDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { advance } from '../../../../shared/backup/rds-snapshot/advance.ts';
import {
  clusterSnapshots,
  copiedClusterSnapshots,
} from '../../../../shared/backup/rds-snapshot/cluster-snapshots.ts';

const client = mockClient(RDSClient);
const rds = new RDSClient({ region: 'eu-central-1' });
const near = clusterSnapshots(rds, 'eu-central-1', 'shop');
const far = copiedClusterSnapshots(new RDSClient({ region: 'eu-west-1' }), 'eu-west-1', {
  cluster: 'shop',
  key: 'alias/copies',
});
const fault = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error(`${name} was said`), { name, $metadata: { httpStatusCode } });

beforeEach(() => client.reset());

/** Keeps what it is asked to create and copy, as the API documents its answers. */
function keepSnapshots(): void {
  const kept = new Map<string, object>();
  client
    .on(DescribeDBClustersCommand)
    .resolves({ DBClusters: [{ DBClusterIdentifier: 'shop', Status: 'available', StorageEncrypted: true }] });
  client.on(CreateDBClusterSnapshotCommand).callsFake((input) => {
    kept.set(`eu-central-1 ${input.DBClusterSnapshotIdentifier}`, {
      DBClusterSnapshotIdentifier: input.DBClusterSnapshotIdentifier,
      DBClusterSnapshotArn: `arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:${input.DBClusterSnapshotIdentifier}`,
      SnapshotCreateTime: new Date('2026-03-01T00:00:00Z'),
      Status: 'available',
      StorageEncrypted: true,
      TagList: input.Tags,
    });
    return {};
  });
  client.on(CopyDBClusterSnapshotCommand).callsFake((input) => {
    kept.set(`eu-west-1 ${input.TargetDBClusterSnapshotIdentifier}`, {
      DBClusterSnapshotIdentifier: input.TargetDBClusterSnapshotIdentifier,
      SourceDBClusterSnapshotArn: input.SourceDBClusterSnapshotIdentifier,
      SnapshotCreateTime: new Date('2026-03-01T01:00:00Z'),
      Status: 'available',
      StorageEncrypted: true,
      KmsKeyId: input.KmsKeyId,
      TagList: input.Tags,
    });
    return {};
  });
  client.on(DescribeDBClusterSnapshotsCommand).callsFake(async (input, getClient) => {
    const found = kept.get(`${await getClient().config.region()} ${input.DBClusterSnapshotIdentifier}`);
    if (!found) throw fault('DBClusterSnapshotNotFoundFault', 404);
    return { DBClusterSnapshots: [found] };
  });
}

test('a snapshot of a cluster goes the same way as one of an instance: taken, copied under the key of the standby, complete', async () => {
  keepSnapshots();
  const ports = {
    regions: { primary: near, standby: far },
    clock: { now: () => new Date('2026-03-01T00:00:10Z') },
    deployment: 'lifeboat-shop-prod',
    source: { kind: 'cluster', name: 'shop' } as const,
    retentionMs: 86_400_000,
    longestMs: 9 * 3_600_000,
  };
  const request = {
    database: 'main',
    backup: 'hourly',
    runId: 'r1',
    runStartedAt: new Date('2026-03-01T00:00:05Z'),
  };
  const kinds: string[] = [];
  let last = await advance(ports, request);
  for (; last.kind === 'waiting' && kinds.length < 9; last = await advance(ports, request))
    kinds.push(last.waitingFor);
  expect(kinds).toEqual(['eu-central-1: creating', 'eu-west-1: copying']);
  expect(last).toMatchObject({ kind: 'complete', point: { takenAt: new Date('2026-03-01T00:00:00Z') } });
  const name =
    client.commandCalls(CreateDBClusterSnapshotCommand)[0]?.args[0].input.DBClusterSnapshotIdentifier ?? '';
  expect(client.commandCalls(CopyDBClusterSnapshotCommand)[0]?.args[0].input).toMatchObject({
    SourceDBClusterSnapshotIdentifier: `arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:${name}`,
    TargetDBClusterSnapshotIdentifier: name,
    KmsKeyId: 'alias/copies',
  });
  // RDS says when the copy was made. What it shows is the moment of its original.
  expect((await far.find(name))?.takenAt).toEqual(new Date('2026-03-01T00:00:00Z'));
});

describe.each([
  ['taking one', CreateDBClusterSnapshotCommand, () => near.create('a', {})],
  ['copying one', CopyDBClusterSnapshotCommand, async () => far.copy(original, {})],
] as const)('%s', (_, command, ask) => {
  const answers = (name: string, status?: number) => client.on(command as never).rejects(fault(name, status));

  test('finds begun what exists', async () => {
    answers('DBClusterSnapshotAlreadyExistsFault');
    expect(await ask()).toEqual({ kind: 'begun' });
  });

  test.each([
    ['SnapshotQuotaExceededFault', 'queued, because a quota of snapshots is reached'],
    ['Throttling', 'queued, because RDS throttles'],
    ['InvalidDBClusterStateFault', 'RDS is not ready for it'],
    ['InvalidDBClusterSnapshotStateFault', 'RDS is not ready for it'],
  ])('waits after %s', async (name, because) => {
    answers(name);
    expect(await ask()).toEqual({
      kind: 'refused',
      because: expect.stringMatching(new RegExp(`^eu-\\w+-1: ${because}: ${name} was said$`)),
    });
  });

  test('ends by name where the key cannot be used, and throws what does not pass', async () => {
    answers('KMSKeyNotAccessibleFault');
    await expect(ask()).rejects.toMatchObject({ name: 'SnapshotKeyUnusable' });
    answers('AccessDenied');
    await expect(ask()).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

const original = {
  name: 'a',
  arn: 'arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:a',
  type: 'manual',
  status: 'available',
  takenAt: new Date(),
  percent: 100,
  encrypted: true,
  key: null,
  gibibytes: 20,
  tags: {},
};

test('what is gone is null, and deleted twice is deleted', async () => {
  client.onAnyCommand().rejects(fault('DBClusterSnapshotNotFoundFault', 404));
  client.on(DescribeDBClustersCommand).rejects(fault('DBClusterNotFoundFault', 404));
  expect(await near.find('a')).toBeNull();
  expect(await near.source()).toBeNull();
  await near.delete('a');
  client.on(DeleteDBClusterSnapshotCommand).rejects(fault('InvalidDBClusterSnapshotStateFault'));
  await expect(near.delete('a')).rejects.toMatchObject({ name: 'InvalidDBClusterSnapshotStateFault' });
});

test('those that others took are listed with their type, and every page is read', async () => {
  client
    .on(DescribeDBClusterSnapshotsCommand)
    .resolves({
      Marker: 'more',
      DBClusterSnapshots: [{ DBClusterSnapshotIdentifier: 'a', SnapshotType: 'automated' }],
    })
    .on(DescribeDBClusterSnapshotsCommand, { Marker: 'more' })
    .resolves({ DBClusterSnapshots: [{ DBClusterSnapshotIdentifier: 'b', SnapshotType: 'manual' }] })
    .on(DescribeDBClusterSnapshotsCommand, { SnapshotType: 'awsbackup' })
    .resolves({ DBClusterSnapshots: [{ DBClusterSnapshotIdentifier: 'c', SnapshotType: 'awsbackup' }] });
  expect((await near.listAll()).map(({ name, type }) => `${name} ${type}`)).toEqual([
    'a automated',
    'b manual',
    'c awsbackup',
  ]);
});
