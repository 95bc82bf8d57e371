import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CopyDBSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  CreateDBSnapshotCommand,
  DBInstanceAlreadyExistsFault,
  DBSnapshotNotFoundFault,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
  InvalidDBInstanceStateFault,
  InvalidDBSnapshotStateFault,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RebootDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  SnapshotQuotaExceededFault,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PROVOKED_BY_STATES } from '../support/documented-faults.ts';
import { account, type LocalRds, master, startLocalRds } from '../support/local-rds.ts';

vi.setConfig({ testTimeout: 60_000 });

let local: LocalRds;
beforeAll(async () => {
  local = await startLocalRds({ quotas: { snapshotCopiesInFlight: 1 } });
});
afterAll(() => local.stop());

const newInstance = (name: string) =>
  new CreateDBInstanceCommand({
    DBInstanceIdentifier: name,
    Engine: 'postgres',
    DBInstanceClass: 'db.t4g.micro',
    AllocatedStorage: 20,
    BackupRetentionPeriod: 0,
    ...master,
  });
const of = (DBInstanceIdentifier: string) => ({ DBInstanceIdentifier });
const without = { SkipFinalSnapshot: true };
const statusOf = async (name: string) => (await local.describe(name)).DBInstanceStatus;

describe('an instance that is', () => {
  test('creating has no endpoint, cannot be deleted, modified, snapshotted or made a second time', async () => {
    const client = local.client();
    const creating = local.states.next(':db:busy', 'creating');
    const [one, other] = await Promise.allSettled([
      client.send(newInstance('busy')),
      client.send(newInstance('BUSY')),
    ]);
    expect([one, other].map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = [one, other].find(({ status }) => status === 'rejected');
    expect(refused).toMatchObject({ reason: expect.any(DBInstanceAlreadyExistsFault) });
    await creating.entered;
    expect(await local.describe('busy')).toMatchObject({ DBInstanceStatus: 'creating' });
    expect((await local.describe('busy')).Endpoint).toBeUndefined();
    for (const command of [
      new DeleteDBInstanceCommand({ ...of('busy'), ...without }),
      new ModifyDBInstanceCommand({ ...of('busy'), DeletionProtection: true }),
      new RebootDBInstanceCommand(of('busy')),
      new StopDBInstanceCommand(of('busy')),
      new StartDBInstanceCommand(of('busy')),
      new CreateDBSnapshotCommand({ ...of('busy'), DBSnapshotIdentifier: 'early' }),
    ]) {
      await expect(client.send(command as DeleteDBInstanceCommand)).rejects.toBeInstanceOf(
        InvalidDBInstanceStateFault,
      );
    }
    creating.release();
    await local.available('busy');
  });

  test('backing-up cannot be deleted, modified or promoted', async () => {
    const client = local.client();
    const backingUp = local.states.next(':db:busy', 'backing-up');
    const filling = local.states.next(':snapshot:held', 'creating');
    await client.send(new CreateDBSnapshotCommand({ ...of('busy'), DBSnapshotIdentifier: 'held' }));
    await backingUp.entered;
    expect(await statusOf('busy')).toBe('backing-up');
    for (const command of [
      new DeleteDBInstanceCommand({ ...of('busy'), ...without }),
      new ModifyDBInstanceCommand({ ...of('busy'), DeletionProtection: true }),
      new StopDBInstanceCommand(of('busy')),
    ]) {
      await expect(client.send(command as DeleteDBInstanceCommand)).rejects.toBeInstanceOf(
        InvalidDBInstanceStateFault,
      );
    }
    backingUp.release();
    await filling.entered;
    // Nor can a snapshot be used or removed before it is whole.
    for (const command of [
      new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'held' }),
      new RestoreDBInstanceFromDBSnapshotCommand({ ...of('never'), DBSnapshotIdentifier: 'held' }),
      new CopyDBSnapshotCommand({ SourceDBSnapshotIdentifier: 'held', TargetDBSnapshotIdentifier: 'never' }),
    ]) {
      await expect(client.send(command as DeleteDBSnapshotCommand)).rejects.toBeInstanceOf(
        InvalidDBSnapshotStateFault,
      );
    }
    filling.release();
    await local.snapshotAvailable('held');
    await local.available('busy');
  });

  test('modifying and rebooting shows it, and comes back', async () => {
    const client = local.client();
    const modifying = local.states.next(':db:busy', 'modifying');
    await client.send(
      new ModifyDBInstanceCommand({ ...of('busy'), DBInstanceClass: 'db.t4g.small', ApplyImmediately: true }),
    );
    await modifying.entered;
    expect(await local.describe('busy')).toMatchObject({
      DBInstanceStatus: 'modifying',
      DBInstanceClass: 'db.t4g.micro',
      PendingModifiedValues: { DBInstanceClass: 'db.t4g.small' },
    });
    modifying.release();
    expect(await local.available('busy')).toMatchObject({
      DBInstanceClass: 'db.t4g.small',
      PendingModifiedValues: {},
    });
    const rebooting = local.states.next(':db:busy', 'rebooting');
    await client.send(new RebootDBInstanceCommand(of('busy')));
    await rebooting.entered;
    expect(await statusOf('busy')).toBe('rebooting');
    rebooting.release();
    await local.available('busy');
  });

  test('stopped refuses a snapshot and modification, and starts again with its data', async () => {
    const client = local.client();
    await local.connect('busy', (busy) => busy.query('CREATE TABLE kept AS SELECT 1 AS one'));
    const stopping = local.states.next(':db:busy', 'stopping');
    await client.send(new StopDBInstanceCommand({ ...of('busy'), DBSnapshotIdentifier: 'before-stop' }));
    await stopping.entered;
    expect(await statusOf('busy')).toBe('stopping');
    stopping.release();
    await expect.poll(() => statusOf('busy'), { timeout: 30_000 }).toBe('stopped');
    await local.snapshotAvailable('before-stop');
    await expect(local.connect('busy', (busy) => busy.query('SELECT 1'))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    for (const command of [
      new CreateDBSnapshotCommand({ ...of('busy'), DBSnapshotIdentifier: 'asleep' }),
      new ModifyDBInstanceCommand({ ...of('busy'), DeletionProtection: true }),
      new RebootDBInstanceCommand(of('busy')),
      new StopDBInstanceCommand(of('busy')),
    ]) {
      await expect(client.send(command as RebootDBInstanceCommand)).rejects.toBeInstanceOf(
        InvalidDBInstanceStateFault,
      );
    }
    const starting = local.states.next(':db:busy', 'starting');
    await client.send(new StartDBInstanceCommand(of('busy')));
    await starting.entered;
    expect(await statusOf('busy')).toBe('starting');
    starting.release();
    await local.available('busy');
    const { rows } = await local.connect('busy', (busy) => busy.query('SELECT * FROM kept'));
    expect(rows).toEqual([{ one: 1 }]);
  });

  test('dead comes back by itself with crash recovery', async () => {
    const instance = local.rds.state.instances.get({ account, region: 'eu-west-1' }, 'busy');
    const cluster = await local.rds.engine.open(instance?.cluster ?? '');
    const rebooting = local.states.next(':db:busy', 'rebooting');
    await cluster
      .asAdmin(async (admin) => {
        const { rows } = await admin.query("SELECT pg_read_file('postmaster.pid') AS pid");
        process.kill(Number(rows[0].pid.split('\n')[0]), 'SIGKILL');
      })
      .catch(() => {}); // the connection goes down with the server
    await rebooting.entered;
    rebooting.release();
    await local.available('busy');
    const { rows } = await local.connect('busy', (busy) => busy.query('SELECT * FROM kept'));
    expect(rows).toEqual([{ one: 1 }]);
  });

  test('failed has its reason in an event, and can only be deleted, without a snapshot', async () => {
    const client = local.client();
    const creating = local.states.next(':db:broken', 'creating');
    await client.send(newInstance('broken'));
    await creating.entered;
    creating.fail(new Error('There is no room on this machine.'));
    await expect.poll(() => statusOf('broken')).toBe('failed');
    const { Events = [] } = await client.send(
      new DescribeEventsCommand({ SourceIdentifier: 'broken', SourceType: 'db-instance' }),
    );
    expect(Events).toMatchObject([
      { EventCategories: ['failure'], Message: expect.stringContaining('There is no room on this machine.') },
    ]);
    await expect(
      client.send(new DeleteDBInstanceCommand({ ...of('broken'), FinalDBSnapshotIdentifier: 'last' })),
    ).rejects.toBeInstanceOf(InvalidDBInstanceStateFault);
    const deleting = local.states.next(':db:broken', 'deleting');
    await client.send(new DeleteDBInstanceCommand({ ...of('broken'), ...without }));
    await deleting.entered;
    expect(await statusOf('broken')).toBe('deleting');
    await expect(
      client.send(new DeleteDBInstanceCommand({ ...of('broken'), ...without })),
    ).rejects.toMatchObject({
      name: 'InvalidDBInstanceStateFault',
      message: expect.stringContaining('already being deleted'),
    });
    deleting.release();
    await local.deleted('broken');
  });

  test('a replica cannot be stopped, nor its source, and neither can it be promoted while it is made', async () => {
    const client = local.client();
    await client.send(
      new ModifyDBInstanceCommand({ ...of('busy'), BackupRetentionPeriod: 1, ApplyImmediately: true }),
    );
    await local.available('busy');
    const creating = local.states.next(':db:follower', 'creating');
    await client.send(
      new CreateDBInstanceReadReplicaCommand({ ...of('follower'), SourceDBInstanceIdentifier: 'busy' }),
    );
    await creating.entered;
    await expect(client.send(new PromoteReadReplicaCommand(of('follower')))).rejects.toBeInstanceOf(
      InvalidDBInstanceStateFault,
    );
    creating.release();
    await local.available('follower');
    for (const name of ['busy', 'follower']) {
      await expect(client.send(new StopDBInstanceCommand(of(name)))).rejects.toBeInstanceOf(
        InvalidDBInstanceStateFault,
      );
    }
    await expect(client.send(new PromoteReadReplicaCommand(of('busy')))).rejects.toBeInstanceOf(
      InvalidDBInstanceStateFault,
    );
    const backingUp = local.states.next(':db:follower', 'backing-up');
    await client.send(
      new CreateDBSnapshotCommand({ ...of('follower'), DBSnapshotIdentifier: 'of-follower' }),
    );
    await backingUp.entered;
    await expect(client.send(new PromoteReadReplicaCommand(of('follower')))).rejects.toMatchObject({
      name: 'InvalidDBInstanceStateFault',
      message: expect.stringContaining('backing-up'),
    });
    backingUp.release();
    await local.snapshotAvailable('of-follower');
  });
});

describe('a snapshot', () => {
  test('that is being deleted cannot be restored; one that is being restored is deleted afterwards', async () => {
    const client = local.client();
    const restoring = local.states.next(':db:from-held', 'creating');
    await client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        ...of('from-held'),
        DBSnapshotIdentifier: 'held',
        BackupRetentionPeriod: 0,
      }),
    );
    await restoring.entered;
    const deleting = local.states.next(':snapshot:held', 'deleting');
    await client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'held' }));
    await deleting.entered;
    await expect(
      client.send(
        new RestoreDBInstanceFromDBSnapshotCommand({ ...of('too-late'), DBSnapshotIdentifier: 'held' }),
      ),
    ).rejects.toBeInstanceOf(InvalidDBSnapshotStateFault);
    await expect(
      client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'held' })),
    ).rejects.toBeInstanceOf(InvalidDBSnapshotStateFault);
    deleting.release();
    restoring.release();
    await local.available('from-held');
    const held = () => client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'held' }));
    await expect
      .poll(() => held().catch((error: unknown) => error), { timeout: 30_000 })
      .toBeInstanceOf(DBSnapshotNotFoundFault);
  });

  test('is copied, and so is its copy; more copies at once than the quota are refused', async () => {
    const there = local.client('eu-central-1');
    const source = `arn:aws:rds:eu-west-1:${account}:snapshot:before-stop`;
    const copying = local.states.next(':snapshot:copy-1', 'creating');
    const copy = (SourceDBSnapshotIdentifier: string, TargetDBSnapshotIdentifier: string) =>
      there.send(new CopyDBSnapshotCommand({ SourceDBSnapshotIdentifier, TargetDBSnapshotIdentifier }));
    await copy(source, 'copy-1');
    await copying.entered;
    await expect(copy(source, 'copy-2')).rejects.toBeInstanceOf(SnapshotQuotaExceededFault);
    copying.release();
    await local.snapshotAvailable('copy-1', 'eu-central-1');
    await copy('copy-1', 'copy-of-copy');
    await local.snapshotAvailable('copy-of-copy', 'eu-central-1');
    await there.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        ...of('from-copy'),
        DBSnapshotIdentifier: 'copy-of-copy',
        BackupRetentionPeriod: 0,
      }),
    );
    await local.available('from-copy', 'eu-central-1');
    const { rows } = await local.connect(
      'from-copy',
      (client) => client.query('SELECT * FROM kept'),
      'eu-central-1',
    );
    expect(rows).toEqual([{ one: 1 }]);
  });

  test('that is damaged makes an instance incompatible-restore, which says what is wrong and can only be deleted', async () => {
    const client = local.client();
    const id = { DBSnapshotIdentifier: 'rotten' };
    await client.send(new CreateDBSnapshotCommand({ ...of('busy'), ...id }));
    await local.snapshotAvailable('rotten');
    await local.available('busy');
    const { folder = '' } = local.rds.state.snapshots.get({ account, region: 'eu-west-1' }, 'rotten') ?? {};
    await appendFile(path.join(folder, 'data', 'PG_VERSION'), 'x');
    await client.send(new RestoreDBInstanceFromDBSnapshotCommand({ ...of('from-rotten'), ...id }));
    await expect.poll(() => statusOf('from-rotten'), { timeout: 20_000 }).toBe('incompatible-restore');
    const { Events = [] } = await client.send(
      new DescribeEventsCommand({ SourceIdentifier: 'from-rotten', SourceType: 'db-instance' }),
    );
    expect(Events).toContainEqual(
      expect.objectContaining({ Message: expect.stringContaining('PG_VERSION') }),
    );
    await expect(client.send(new RebootDBInstanceCommand(of('from-rotten')))).rejects.toBeInstanceOf(
      InvalidDBInstanceStateFault,
    );
    await client.send(new DeleteDBInstanceCommand({ ...of('from-rotten'), ...without }));
    await local.deleted('from-rotten');
  });

  test('that cannot be taken is failed, and its instance is available again', async () => {
    const client = local.client();
    const taking = local.states.next(':snapshot:unlucky', 'creating');
    await client.send(new CreateDBSnapshotCommand({ ...of('busy'), DBSnapshotIdentifier: 'unlucky' }));
    await taking.entered;
    taking.fail(new Error('The disk is gone.'));
    await local.available('busy');
    const { DBSnapshots } = await client.send(
      new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'unlucky' }),
    );
    expect(DBSnapshots).toMatchObject([{ Status: 'failed', PercentProgress: 0 }]);
    await client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'unlucky' }));
  });
});

test('these are the faults of states, each by its action', () => {
  expect([...local.faults]).toEqual(expect.arrayContaining([...PROVOKED_BY_STATES]));
});
