import { beforeEach, describe, expect, test } from 'vitest';
import {
  advanceInstanceHandOver,
  type InstanceHandOver,
} from '../../../shared/handover/hand-instance-over.ts';
import type { ConnectionKeeper } from '../../../shared/handover/restored-database.ts';
import {
  nameForInstance,
  type RestoredInstanceMark,
  restoredInstanceTags,
} from '../../../shared/handover/restored-instance-mark.ts';
import {
  scratchInstanceName,
  scratchInstanceTags,
} from '../../../shared/restore/scratch-instance/scratch-instance-mark.ts';
import { memoryInstances } from '../restore/instance/memory-instances.ts';

const run = { deployment: 'stack', workload: 'shop', runId: 'restore-1' };
const scratch = scratchInstanceName(run.deployment, run.runId);
const startedAt = new Date('2026-03-01T03:00:00Z');
const MINUTE = 60_000;
const mark: RestoredInstanceMark = {
  recoveryPoint: '20260301T025900Z',
  validated: {
    startedAt: '2026-03-01T03:00:00.000Z',
    finishedAt: '2026-03-01T03:01:00.000Z',
    verdict: 'verified',
    reason: '9 checks passed',
    checks: 9,
    runStartedAt: '2026-03-01T02:59:30.000Z',
    recoveredTo: '2026-03-01T02:58:30.000Z',
  },
};

type Kept = Parameters<ConnectionKeeper['keep']>[0];
let instances: ReturnType<typeof memoryInstances>;
let kept: Kept[];
let now: Date;
let keep: (access: Kept) => Promise<void>;

async function make(name = scratch, tags: Record<string, string> = scratchTags) {
  await instances.origin.restore({ name, tags } as never);
  instances.change(name, {
    status: 'available',
    managesPassword: true,
    masterSecret: 'arn:secret',
    address: { host: name, port: 5432 },
  });
}
const scratchTags = scratchInstanceTags(run.deployment, {
  ...run,
  expiresAt: new Date('2026-03-02T00:00:00Z'),
});
beforeEach(async () => {
  instances = memoryInstances();
  kept = [];
  now = startedAt;
  keep = async (access) => void kept.push(access);
  await make();
});

const advance = (difference: Partial<InstanceHandOver> = {}) =>
  advanceInstanceHandOver(
    {
      instances,
      keeper: { isKept: async () => kept.length > 0, keep: (access) => keep(access) },
      clock: { now: () => now },
      longestMs: 90 * MINUTE,
    },
    { run, name: 'shop-again', mark, since: startedAt, ...difference },
  );
const calls = () => instances.calls.filter((call) => !call.startsWith('restore'));

async function toTheEnd(difference: Partial<InstanceHandOver> = {}) {
  for (let looks = 0; looks < 10; looks += 1) {
    const advanced = await advance(difference);
    if (advanced.kind === 'complete') return advanced;
  }
  throw new Error('it does not end');
}

describe('the hand-over of an instance', () => {
  test('marks it, names and protects it at once, sets and keeps a password, and takes its scratch tag last', async () => {
    expect(await toTheEnd()).toEqual({
      kind: 'complete',
      mark: expect.objectContaining({ recoveryPoint: mark.recoveryPoint }),
      address: { host: scratch, port: 5432 },
      database: 'app',
      login: 'app',
    });
    expect(calls()).toEqual([
      `tag ${scratch}`,
      `rename ${scratch} to shop-again`,
      'set the password of shop-again',
      'untag shop-again',
    ]);
    const named = await instances.find('shop-again');
    expect(named).toMatchObject({ isProtected: true, managesPassword: false });
    expect(named?.tags).not.toHaveProperty('lifeboat:scratch');
    expect(named?.tags).not.toHaveProperty('lifeboat:expires-at');
    expect(kept).toMatchObject([{ username: 'app', dbname: 'app', port: 5432 }]);
    expect(kept[0]?.password).toMatch(/^[\w-]{32}$/);
    expect(await instances.find(scratch)).toBeNull();
  });

  test('killed after any call and begun anew does each thing once, without the verdict too', async () => {
    await advance();
    for (let looks = 0; looks < 3; looks += 1) await advance({ mark: null, since: null });
    expect((await toTheEnd({ mark: null, since: null })).mark).toMatchObject({
      recoveryPoint: mark.recoveryPoint,
      // Its checks are kept in the name of the execution that left them.
      validated: {
        verdict: 'verified',
        checks: 9,
        runStartedAt: '2026-03-01T02:59:30.000Z',
        recoveredTo: '2026-03-01T02:58:30.000Z',
      },
    });
    expect(calls()).toHaveLength(4);
    expect(kept).toHaveLength(1);
  });

  test('whose secret could not be written sets another password, and keeps that one', async () => {
    await advance();
    const good = keep;
    keep = async () => {
      throw new Error('Secrets Manager is away');
    };
    await expect(advance()).rejects.toThrow('away');
    keep = good;
    await toTheEnd();
    expect(calls().filter((call) => call.startsWith('set the password'))).toHaveLength(2);
    expect(kept).toHaveLength(1);
  });

  test('finds a secret that exists already, and leaves the password alone', async () => {
    await advance();
    kept.push({ host: 'there', port: 5432, username: 'app', password: 'known', dbname: 'app' });
    instances.change('shop-again', { managesPassword: false });
    await toTheEnd();
    expect(calls().filter((call) => call.startsWith('set the password'))).toEqual([]);
  });

  test('repeated after its end changes nothing', async () => {
    await toTheEnd();
    const done = calls();
    await toTheEnd({ mark: null, since: null });
    expect(calls()).toEqual(done);
  });

  // boto3#609: while RDS renames an instance, it answers DBInstanceNotFound to both names.
  test('waits while RDS renames it and finds it under neither name', async () => {
    await advance();
    const find = instances.find;
    instances.find = async () => null;
    expect(await advance()).toEqual({ kind: 'waiting', waitingFor: 'RDS renames it' });
    instances.find = find;
    await toTheEnd();
  });

  test.each(['renaming', 'rebooting', 'modifying', 'resetting-master-credentials', 'backing-up'])(
    'waits while it is %s, until its time is over',
    async (status) => {
      await advance();
      instances.change('shop-again', { status });
      expect(await advance()).toEqual({ kind: 'waiting', waitingFor: status });
      now = new Date(startedAt.getTime() + 90 * MINUTE + 1);
      await expect(advance()).rejects.toMatchObject({
        name: 'InstanceNotHandedOver',
        message: `instance "shop-again" was not handed over after 90 minutes: ${status}`,
      });
    },
  );

  test.each([
    ['InvalidDBInstanceState: not now', 'renameAndProtect'],
    ['queued, because RDS throttles', 'tag'],
  ] as const)('waits where RDS says %s', async (because, port) => {
    const real = instances[port];
    instances[port] = async () => ({ kind: 'refused', because });
    expect(await advance()).toEqual({ kind: 'waiting', waitingFor: because });
    instances[port] = real as never;
    await toTheEnd();
  });
});

describe('the hand-over of an instance refuses', () => {
  const refused = (name: string, difference: Partial<InstanceHandOver> = {}) =>
    expect(advance(difference)).rejects.toMatchObject({ name });

  test('a name that another instance got meanwhile, and leaves both alone', async () => {
    await make('shop-again', { team: 'checkout' });
    await refused('NameTaken');
    expect(calls()).toEqual([]);
  });

  test.each([
    ['another run of this stack', { ...run, runId: 'restore-2' }],
    ['another stack', { ...run, deployment: 'other' }],
  ])('a name that %s gave its instance', async (_, other) => {
    await make('shop-again', restoredInstanceTags(other, mark));
    await refused('NameTaken');
    expect(calls()).toEqual([]);
  });

  test('an instance that was swept before', async () => {
    const gone = memoryInstances();
    instances = gone;
    await refused('ScratchMissing', { since: null });
  });

  test('an instance of that name without the mark of this run, and one that nobody validated', async () => {
    await refused('ScratchNotOurs', { mark: null });
    instances.change(scratch, { tags: {} });
    await refused('ScratchNotOurs');
    expect(calls()).toEqual([]);
  });

  test('an instance that is stopped, and one under a key that is gone', async () => {
    for (const status of ['stopped', 'inaccessible-encryption-credentials', 'storage-full']) {
      instances.change(scratch, { status });
      await refused('InstanceNotUsable');
    }
  });
});

describe('the name of an instance', () => {
  const ask = (name: string) => () => nameForInstance(name, null, run);

  test.each(['shop', 's', 'shop-2', 'a'.repeat(63)])('can be %j', (name) => {
    expect(ask(name)()).toBeNull();
  });

  // RDS keeps lower case, and tools that ask by another case never find it: aws-cloudformation-resource-providers-rds#191
  test.each([
    'Shop',
    'shop_2',
    '2shop',
    '-shop',
    'shop-',
    'shop--2',
    'a'.repeat(64),
    '',
    'shop 2',
    'shöp',
    'shop.eu',
    'shop\n',
    'lifeboat-scratch-1',
  ])('cannot be %j', (name) => {
    expect(ask(name)).toThrow(expect.objectContaining({ name: 'NameUnusable' }));
  });
});
