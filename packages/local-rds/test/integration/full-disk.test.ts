import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import * as sdk from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LocalRds, startLocalRds } from '../support/local-rds.ts';
import { canMount, type SmallDisk, smallDisk } from '../support/small-disk.ts';

vi.setConfig({ testTimeout: 60_000 });

/* The disk under the service's own records is full; servers have one with room. */

const mounts = canMount();
const id = (DBInstanceIdentifier: string) => ({ DBInstanceIdentifier });
let disk: SmallDisk | undefined;
let local: LocalRds | undefined;

beforeAll(async () => {
  if (!mounts) return;
  disk = smallDisk(4_096, 'state');
  local = await startLocalRds({ folder: path.dirname(disk.folder), report: () => {} });
  await local.create({ ...id('one') });
});
afterAll(async () => {
  await local?.stop();
  disk?.remove();
});

const running = () => {
  if (!local || !disk) throw new Error('No disk could be mounted.');
  return { local, disk };
};
const fillWhole = (disk: SmallDisk) => {
  disk.fill();
  rmSync(path.join(disk.folder, 'reserve'), { force: true });
  disk.fill();
};

test.runIf(mounts)(
  'a request that cannot be written down is refused, and accepted once there is room',
  async () => {
    const { local, disk } = running();
    fillWhole(disk);
    const change = new sdk.ModifyDBInstanceCommand({ ...id('one'), CopyTagsToSnapshot: true });
    await expect(local.client().send(change)).rejects.toThrow('The disk of this machine is full');
    expect(await local.describe('one')).toMatchObject({
      DBInstanceStatus: 'available',
      CopyTagsToSnapshot: false,
    });
    disk.free();
    expect((await local.client().send(change)).DBInstance?.CopyTagsToSnapshot).toBe(true);
  },
);

test.runIf(mounts)(
  'what was under way ends, with its reason, once there is room; the service goes on',
  async () => {
    const { local, disk } = running();
    const client = local.client();
    const taking = local.states.next(':snapshot:late', 'creating');
    await client.send(new sdk.CreateDBSnapshotCommand({ ...id('one'), DBSnapshotIdentifier: 'late' }));
    await taking.entered;
    fillWhole(disk);
    taking.release();
    const status = async () => {
      const wanted = new sdk.DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'late' });
      return (await client.send(wanted)).DBSnapshots?.[0]?.Status;
    };
    // The copy goes to a disk with room. That it is whole cannot be written down, so it is given up.
    const copies = () => readdirSync(path.join(path.dirname(disk.folder), 'backups'));
    await expect.poll(copies, { timeout: 30_000, interval: 5 }).toHaveLength(1);
    await expect.poll(copies, { timeout: 30_000, interval: 5 }).toEqual([]);
    expect(await status()).toBe('creating');
    disk.free();
    await expect.poll(status, { timeout: 20_000 }).toBe('failed');
    await local.available('one');
    const { Events = [] } = await client.send(
      new sdk.DescribeEventsCommand({ SourceIdentifier: 'late', SourceType: 'db-snapshot' }),
    );
    expect(Events.map(({ Message }) => Message)).toContainEqual(
      expect.stringMatching(/ENOSPC|No space left/),
    );
  },
);

test.runIf(mounts)('the next program finds everything whole', async () => {
  const { local } = running();
  await local.restart();
  expect(await local.available('one')).toMatchObject({ CopyTagsToSnapshot: true });
});
