import { beforeEach, describe, expect, test } from 'vitest';
import {
  advanceInstance,
  type InstanceRequest,
} from '../../../../shared/restore/instance/advance-instance.ts';
import { memoryInstances } from './memory-instances.ts';

const name = 'lifeboat-scratch-1';
const startedAt = new Date('2026-03-08T02:00:00Z');
const HOUR = 3_600_000;

let instances: ReturnType<typeof memoryInstances>;
let now: Date;
beforeEach(() => {
  instances = memoryInstances();
  now = startedAt;
});

function advance(difference: Partial<InstanceRequest> = {}) {
  const ports = { instances, origin: instances.origin, clock: { now: () => now }, longestMs: HOUR };
  const into = {
    name,
    tags: {},
    securityGroups: ['sg-1'],
    deletionProtection: false,
    backupDays: 0,
    multiAz: false,
    minorUpgrades: false,
    copiesTags: false,
  };
  return advanceInstance(ports, { into, isOurs: () => true, runStartedAt: startedAt, ...difference });
}
const waiting = (waitingFor: string) => ({ kind: 'waiting', waitingFor });

describe('a new instance', () => {
  test('is asked for, looked at, given a password of its own, and complete', async () => {
    expect(await advance()).toEqual(waiting('eu-west-1: creating'));
    expect(await advance()).toEqual(waiting('eu-west-1: creating'));
    instances.change(name, { status: 'available' });
    expect(await advance()).toEqual(waiting('RDS makes a master password of its own'));
    expect(await advance()).toEqual(waiting('RDS prepares the secret with the master password'));
    instances.change(name, { masterSecret: 'arn:secret' });
    expect(await advance()).toEqual(waiting('RDS gives it an address'));
    instances.change(name, { address: { host: 'here', port: 5432 } });
    expect(await advance()).toMatchObject({
      kind: 'complete',
      instance: { name, masterSecret: 'arn:secret' },
    });
    expect(instances.calls).toEqual([`restore ${name}`, `manage the password of ${name}`]);
  });

  test.each([
    'backing-up',
    'modifying',
    'rebooting',
    'configuring-enhanced-monitoring',
    'resetting-master-credentials',
    'deleting',
    'a state of next year',
  ])('that is %s is waited for, until its time is over', async (status) => {
    await advance();
    instances.change(name, { status });
    now = new Date(startedAt.getTime() + HOUR);
    expect(await advance()).toEqual(waiting(`eu-west-1: ${status}`));
    now = new Date(now.getTime() + 1);
    await expect(advance()).rejects.toMatchObject({
      name: 'InstanceNotAvailable',
      message: `instance "${name}" could not be used after 1 hours: eu-west-1: ${status}`,
    });
  });

  test.each(['available', 'storage-optimization', 'storage-initialization'])(
    'that is %s is given its password',
    async (status) => {
      await advance();
      instances.change(name, { status });
      expect(await advance()).toEqual(waiting('RDS makes a master password of its own'));
    },
  );

  test.each([
    ['incompatible-network', 'subnet group'],
    ['incompatible-option-group', 'option group'],
    ['incompatible-parameters', 'parameter group'],
    ['incompatible-create', 'events'],
    ['inaccessible-encryption-credentials', 'KMS key'],
    ['inaccessible-encryption-credentials-recoverable', 'KMS key'],
    ['insufficient-capacity', 'another class'],
    ['storage-full', 'AllocatedStorage'],
    ['failed', 'events'],
    ['stopped', 'start the run again'],
    ['stopping', 'start the run again'],
  ])('that is %s says nothing of the recovery point, and what to do', async (status, hint) => {
    await advance();
    instances.change(name, { status });
    await expect(advance()).rejects.toMatchObject({
      name: 'InstanceNotUsable',
      message: `instance "${name}", made of snapshot "nightly", is ${status}`,
      hint: expect.stringContaining(hint),
    });
  });

  test('that is incompatible-restore says that the recovery point is bad', async () => {
    await advance();
    instances.change(name, { status: 'incompatible-restore' });
    await expect(advance()).rejects.toMatchObject({ name: 'InstanceNotRestorable', kind: 'damaged' });
  });

  test('of another run is neither used nor changed', async () => {
    await advance();
    instances.change(name, { status: 'available' });
    await expect(advance({ isOurs: () => false })).rejects.toMatchObject({ name: 'InstanceNameTaken' });
    expect(instances.calls).toEqual([`restore ${name}`]);
  });
});
