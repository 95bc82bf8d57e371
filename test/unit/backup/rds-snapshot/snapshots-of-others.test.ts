import { DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { instanceSnapshots } from '../../../../shared/backup/rds-snapshot/instance-snapshots.ts';
import { snapshotsOfOthers } from '../../../../shared/backup/rds-snapshot/snapshots-of-others.ts';

/* With a mock, because the local RDS has no AWS Backup. */
const client = mockClient(RDSClient);
const region = instanceSnapshots(new RDSClient({ region: 'eu-central-1' }), 'eu-central-1', 'shop');
const of = { database: 'main', backup: 'others' };
const snapshot = (DBSnapshotIdentifier: string, SnapshotType: string, hour: number, difference = {}) => ({
  DBSnapshotIdentifier,
  SnapshotType,
  Status: 'available',
  SnapshotCreateTime: new Date(Date.UTC(2026, 2, 8, hour)),
  ...difference,
});

beforeEach(() => {
  client.reset();
  // Without a type RDS does not list those of AWS Backup.
  client.on(DescribeDBSnapshotsCommand, { DBInstanceIdentifier: 'shop' }).resolves({
    DBSnapshots: [
      snapshot('rds:shop-2026-03-08-02-00', 'automated', 2),
      snapshot('before-the-upgrade', 'manual', 1),
      snapshot('lifeboat-shop-prod-main-hourly-1', 'manual', 5, {
        TagList: [{ Key: 'lifeboat:deployment', Value: 'lifeboat-shop-prod' }],
      }),
      snapshot('rds:shop-2026-03-08-06-00', 'automated', 6, { Status: 'creating' }),
      snapshot('rds:shop-2026-03-08-07-00', 'automated', 7, { SnapshotCreateTime: undefined }),
    ],
  });
  client
    .on(DescribeDBSnapshotsCommand, { DBInstanceIdentifier: 'shop', SnapshotType: 'awsbackup' })
    .resolves({ Marker: 'next', DBSnapshots: [snapshot('awsbackup:job-1', 'awsbackup', 3)] })
    .on(DescribeDBSnapshotsCommand, { SnapshotType: 'awsbackup', Marker: 'next' })
    .resolves({ DBSnapshots: [snapshot('awsbackup:job-2', 'awsbackup', 4)] });
});

describe('the snapshots of others', () => {
  const listed = async (type?: string) =>
    (await snapshotsOfOthers(region, type).list(of)).map(({ id }) => id);

  test('are those of RDS, of AWS Backup and of people, oldest first, and none of Lifeboat or unfinished', async () => {
    expect(await listed()).toEqual([
      '20260308T010000Z-before-the-upgrade',
      '20260308T020000Z-rds:shop-2026-03-08-02-00',
      '20260308T030000Z-awsbackup:job-1',
      '20260308T040000Z-awsbackup:job-2',
    ]);
  });

  test.each([
    ['awsbackup', ['20260308T030000Z-awsbackup:job-1', '20260308T040000Z-awsbackup:job-2']],
    ['automated', ['20260308T020000Z-rds:shop-2026-03-08-02-00']],
    ['manual', ['20260308T010000Z-before-the-upgrade']],
  ])('are of the type %s where the plan says so', async (type, ids) => {
    expect(await listed(type)).toEqual(ids);
  });

  test.each(['20260308T030000Z-awsbackup:job-1', 'awsbackup:job-1'])('are found as %s', async (id) => {
    expect(await snapshotsOfOthers(region).find({ ...of, id })).toEqual({
      method: 'rdsSnapshot',
      ...of,
      id: '20260308T030000Z-awsbackup:job-1',
      snapshot: 'awsbackup:job-1',
      takenAt: new Date('2026-03-08T03:00:00Z'),
      begunAt: new Date('2026-03-08T03:00:00Z'),
      label: null,
      keptUntil: null,
      key: null,
      settings: null,
    });
  });

  test.each(['lifeboat-shop-prod-main-hourly-1', 'rds:shop-2026-03-08-06-00', 'nothing'])(
    'do not include %s',
    async (id) => {
      await expect(snapshotsOfOthers(region).find({ ...of, id })).rejects.toMatchObject({
        name: 'SnapshotMissing',
        hint: expect.stringContaining('--snapshot-type awsbackup'),
      });
    },
  );
});
