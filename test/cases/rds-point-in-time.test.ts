import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeDBInstanceAutomatedBackupsCommand,
  ModifyDBInstanceCommand,
  RestoreDBInstanceToPointInTimeCommand,
  StopDBInstanceAutomatedBackupsReplicationCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalRds, startLocalRds } from '../../packages/local-rds/test/support/local-rds.ts';
import {
  copiedAutomatedBackups,
  instanceAutomatedBackups,
} from '../../shared/backup/rds-point-in-time/instance-automated-backups.ts';
import { lookAfter } from '../../shared/backup/rds-point-in-time/look-after.ts';
import { judgeStop, pickMoment } from '../../shared/backup/rds-point-in-time/pick-moment.ts';
import { pointInTimePoints } from '../../shared/backup/rds-point-in-time/point-in-time-points.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { beat, newestHeartbeat, prepareHeartbeat } from '../../shared/database/postgres/heartbeat.ts';
import { DAY } from '../../shared/plan/values/duration.ts';

/* Automated backups of a local RDS in two Regions: real archives, real replication, real restores. */

const primary = 'eu-west-1';
const standby = 'eu-central-1';

let local: LocalRds;
beforeAll(async () => {
  local = await startLocalRds();
}, 120_000);
afterAll(() => local?.stop());

const keyIn = (region: string) => `arn:aws:kms:${region}:123456789012:key/copies`;

let instances = 0;
async function instanceWith(BackupRetentionPeriod: number): Promise<string> {
  const DBInstanceIdentifier = `shop-${instances++}`;
  await local.create({ DBInstanceIdentifier, BackupRetentionPeriod, StorageEncrypted: true });
  return DBInstanceIdentifier;
}

function portsOf(instance: string, retentionDays = 1, key = keyIn(standby)) {
  const regions = {
    primary: instanceAutomatedBackups(local.client(primary), primary, instance),
    standby: copiedAutomatedBackups(local.client(standby), standby, { instance, from: primary, key }),
  };
  return { regions, clock: systemClock, instance, retentionMs: retentionDays * DAY, longestMs: DAY };
}

/** Looks until the moments are kept. Returns what was waited for before. */
async function kept(ports: ReturnType<typeof portsOf>) {
  const waited = new Set<string>();
  for (;;) {
    const looked = await lookAfter(ports, new Date());
    if (looked.kind === 'kept') return { ...looked, waited: [...waited] };
    if (!waited.has(looked.waitingFor)) console.log(new Date().toISOString(), looked.waitingFor);
    waited.add(looked.waitingFor);
    await sleep(100);
  }
}

const retention = async (DBInstanceIdentifier: string, BackupRetentionPeriod: number) => {
  const change = { DBInstanceIdentifier, BackupRetentionPeriod, ApplyImmediately: true };
  await local.client(primary).send(new ModifyDBInstanceCommand(change));
  await local.available(DBInstanceIdentifier, primary);
};

const stopReplication = async (instance: string) => {
  const { DBInstanceArn } = await local.describe(instance, primary);
  const stop = new StopDBInstanceAutomatedBackupsReplicationCommand({ SourceDBInstanceArn: DBInstanceArn });
  await local.client(standby).send(stop);
};

describe('the moments of an instance', () => {
  test('are replicated where nobody did, once, and again where somebody stopped it', async () => {
    const ports = portsOf(await instanceWith(1));
    const first = await kept(ports);
    expect(first.waited).toContain(`${standby}: replication was started, because there were no copies`);
    expect(first.copies).not.toBeNull();
    expect((await kept(ports)).waited).toEqual([]);
    await stopReplication(ports.instance);
    expect((await kept(ports)).waited).toContain(
      `${standby}: replication was started, because the replication had been stopped`,
    );
    const { DBInstanceAutomatedBackups } = await local
      .client(standby)
      .send(new DescribeDBInstanceAutomatedBackupsCommand({ DBInstanceIdentifier: ports.instance }));
    expect(DBInstanceAutomatedBackups).toHaveLength(1);
  });

  test('are waited for while RDS throttles or a quota of copies is reached', async () => {
    const ports = portsOf(await instanceWith(1));
    const action = 'StartDBInstanceAutomatedBackupsReplication';
    local.rds.stage.throttling.set({ action, refusals: 1 });
    expect((await kept(ports)).waited).toContainEqual(
      expect.stringContaining(`${standby}: queued, because RDS throttles`),
    );
    local.rds.stage.throttling.set({ action, refusals: 0 });
    const other = portsOf(await instanceWith(1));
    const { quotas } = local.rds.stage;
    const most = quotas.automatedBackupReplications;
    quotas.automatedBackupReplications = 0;
    expect(await lookAfter(other, new Date())).toMatchObject({
      kind: 'waiting',
      waitingFor: expect.stringContaining(
        'queued, because a quota of replicated automated backups is reached',
      ),
    });
    quotas.automatedBackupReplications = most;
    await kept(other);
  });

  test('are not kept where automated backups are off or too short, the instance is stopped or is not there', async () => {
    const instance = await instanceWith(0);
    const look = (days = 1) => lookAfter(portsOf(instance, days), new Date());
    await expect(look()).rejects.toMatchObject({
      name: 'AutomatedBackupsOff',
      hint: expect.stringContaining(`--db-instance-identifier ${instance} --backup-retention-period 1`),
    });
    await retention(instance, 1);
    await expect(look(2)).rejects.toMatchObject({ name: 'AutomatedBackupsTooShort' });
    await local.client(primary).send(new StopDBInstanceCommand({ DBInstanceIdentifier: instance }));
    await expect(look()).rejects.toMatchObject({ name: 'InstanceStopped' });
    await expect(lookAfter(portsOf('nowhere'), new Date())).rejects.toMatchObject({
      name: 'InstanceMissing',
    });
  });

  test('are not replicated under a key of another Region', async () => {
    const ports = portsOf(await instanceWith(1), 1, keyIn(primary));
    await expect(kept(ports)).rejects.toMatchObject({
      name: 'ReplicationKeyUnusable',
      message: expect.stringContaining(`cannot be used in ${standby}`),
    });
  });

  test('are late where the archive stands still, here or in the standby Region', async () => {
    const ports = portsOf(await instanceWith(1));
    const { window } = await kept(ports);
    const after = (minutes: number) =>
      lookAfter(
        { ...ports, clock: { now: () => new Date(window.latest.getTime() + minutes * 60_000) } },
        new Date(window.latest.getTime() + DAY),
      );
    await expect(after(25)).rejects.toMatchObject({ name: 'ArchiveLate' });
    // The archive goes on in the primary Region, and not in the other.
    const find = async () => {
      const copies = await ports.regions.standby.find();
      return (
        copies && {
          ...copies,
          window: { earliest: window.earliest, latest: new Date(Date.now() - 61 * 60_000) },
        }
      );
    };
    const held = { ...ports, regions: { ...ports.regions, standby: { ...ports.regions.standby, find } } };
    await expect(lookAfter(held, new Date())).rejects.toMatchObject({ name: 'ReplicationLate' });
  });
});

describe('a copy restored to a moment', () => {
  test('stops between the two heartbeats that the moment was picked from', async () => {
    const instance = await instanceWith(1);
    const heartbeats: Date[] = [];
    await local.connect(instance, async (client) => {
      await prepareHeartbeat(client);
      for (const pause of [0, 11_000, 11_000]) {
        await sleep(pause);
        const now = new Date();
        await beat(client, 'shop', now);
        heartbeats.push(now);
      }
    });
    const points = pointInTimePoints(portsOf(instance).regions.primary);
    const of = { database: 'main', backup: 'moments' };
    const windowNow = async () => (await portsOf(instance).regions.primary.find())?.window;
    let window = await windowNow();
    // A second more, so that a whole second after the last heartbeat can be restored.
    const last = heartbeats.at(-1)?.getTime() ?? 0;
    while (!window || window.latest.getTime() < last + 1_000) {
      await sleep(200);
      window = await windowNow();
    }
    const picked = pickMoment(heartbeats, window);
    if (picked.kind !== 'picked') throw new Error(picked.because);
    expect([picked.before, picked.after]).toEqual(heartbeats.slice(1));
    const id = picked.moment.toISOString().replace(/[-:]|\.\d+/g, '');
    expect(await points.find({ ...of, id })).toMatchObject({ takenAt: picked.moment });
    const newestIn = async (name: string, RestoreTime: Date) => {
      const target = { TargetDBInstanceIdentifier: name, SourceDBInstanceIdentifier: instance, RestoreTime };
      await local.client(primary).send(new RestoreDBInstanceToPointInTimeCommand(target));
      await local.available(name, primary);
      return local.connect(name, (client) => newestHeartbeat(client, 'shop'));
    };
    expect(judgeStop(picked, await newestIn('exact', picked.moment))).toEqual({ kind: 'exact' });
    const late = new Date(Math.floor(window.latest.getTime() / 1000) * 1000);
    expect(judgeStop(picked, await newestIn('late', late))).toMatchObject({ kind: 'too late' });
  });
});
