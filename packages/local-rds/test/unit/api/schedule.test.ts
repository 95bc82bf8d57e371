import type { DBInstance } from '@aws-sdk/client-rds';
import { describe, expect, test } from 'vitest';
import { dutyOf } from '../../../api/schedule/duties.ts';
import { checkWindows, windowBegan } from '../../../api/schedule/window.ts';
import type { Instance, InstanceStatus } from '../../../state/things.ts';

describe('a window', () => {
  // The first of March 2026 is a Sunday.
  test.each([
    ['03:00-03:30', '2026-03-01T03:00:00Z', '2026-03-01T03:00:00Z'],
    ['03:00-03:30', '2026-03-01T03:29:59Z', '2026-03-01T03:00:00Z'],
    ['03:00-03:30', '2026-03-01T03:30:00Z', undefined],
    ['03:00-03:30', '2026-03-01T02:59:59Z', undefined],
    ['23:45-00:15', '2026-03-02T00:10:00Z', '2026-03-01T23:45:00Z'],
    ['23:45-00:15', '2026-03-01T23:45:00Z', '2026-03-01T23:45:00Z'],
    ['23:45-00:15', '2026-03-02T00:15:00Z', undefined],
    ['sun:04:00-sun:04:30', '2026-03-01T04:10:00Z', '2026-03-01T04:00:00Z'],
    ['sun:04:00-sun:04:30', '2026-03-02T04:10:00Z', undefined],
    ['sat:23:50-sun:00:20', '2026-03-01T00:05:00Z', '2026-02-28T23:50:00Z'],
  ])('%s at %s began at %s', (window, now, began) => {
    expect(windowBegan(window, new Date(now))).toEqual(began === undefined ? undefined : new Date(began));
  });
});

describe('a window that is left out', () => {
  test.each([
    [{}, '03:00-03:30', 'sun:04:00-sun:04:30'],
    [{ backup: '04:00-05:00' }, '04:00-05:00', 'sun:05:00-sun:05:30'],
    [{ backup: '03:45-04:15' }, '03:45-04:15', 'sun:04:15-sun:04:45'],
    [{ backup: '23:30-04:10' }, '23:30-04:10', 'sun:04:10-sun:04:40'],
    [{ backup: '00:10-23:40' }, '00:10-23:40', 'sun:23:40-mon:00:10'],
    [{ maintenance: 'Tue:03:15-Tue:03:45' }, '03:45-04:15', 'tue:03:15-tue:03:45'],
    [{ maintenance: 'mon:23:00-tue:22:30' }, '22:30-23:00', 'mon:23:00-tue:22:30'],
  ])('does not meet the other: %o', (given, PreferredBackupWindow, PreferredMaintenanceWindow) => {
    expect(checkWindows({ backup: undefined, maintenance: undefined, ...given })).toEqual({
      PreferredBackupWindow,
      PreferredMaintenanceWindow,
    });
  });

  test('is refused where no half hour is free', () => {
    const all = { backup: '00:00-23:59', maintenance: undefined };
    expect(() => checkWindows(all)).toThrow('must not overlap: 00:00-23:59');
  });
});

describe('an instance', () => {
  const instance = (status: InstanceStatus, shown: DBInstance = {}): Instance => ({
    account: '123456789012',
    region: 'eu-west-1',
    name: 'a',
    cluster: 'db-a',
    status,
    applied: {},
    shown: {
      BackupRetentionPeriod: 1,
      PreferredBackupWindow: '03:00-03:30',
      PreferredMaintenanceWindow: 'sun:04:00-sun:04:30',
      PendingModifiedValues: {},
      ...shown,
    },
  });
  const inBackup = new Date('2026-03-01T03:10:00Z');
  const inMaintenance = new Date('2026-03-01T04:10:00Z');
  const yesterday = new Date('2026-02-28T03:10:00Z');

  test('is backed up once a window', () => {
    expect(dutyOf(instance('available'), yesterday, inBackup)).toBe('back up');
    expect(dutyOf(instance('available'), undefined, inBackup)).toBe('back up');
    expect(dutyOf(instance('available'), new Date('2026-03-01T03:00:01Z'), inBackup)).toBeUndefined();
    expect(dutyOf(instance('available'), yesterday, inMaintenance)).toBeUndefined();
  });

  test('is not backed up without retention, nor while it is not available', () => {
    expect(dutyOf(instance('available', { BackupRetentionPeriod: 0 }), yesterday, inBackup)).toBeUndefined();
    for (const status of ['stopped', 'storage-full', 'modifying', 'failed'] as const)
      expect(dutyOf(instance(status), yesterday, inBackup)).toBeUndefined();
  });

  test('gets its pending modifications in its maintenance window', () => {
    const pending = { PendingModifiedValues: { DBInstanceClass: 'db.t4g.small' } };
    expect(dutyOf(instance('available', pending), yesterday, inMaintenance)).toBe(
      'apply pending modifications',
    );
    expect(
      dutyOf(instance('available', pending), yesterday, new Date('2026-03-01T05:00:00Z')),
    ).toBeUndefined();
    expect(dutyOf(instance('available'), yesterday, inMaintenance)).toBeUndefined();
  });

  test('is started again when it was stopped for a week', () => {
    const stopped = instance('stopped', { AutomaticRestartTime: inMaintenance });
    expect(dutyOf(stopped, yesterday, inMaintenance)).toBe('start again');
    expect(dutyOf(stopped, yesterday, inBackup)).toBeUndefined();
  });

  test('whose source was deleted while it was busy is promoted once it is available', () => {
    const follows = { source: 'arn', promote: true };
    expect(dutyOf({ ...instance('available'), follows }, yesterday, inBackup)).toBe('promote');
    expect(dutyOf({ ...instance('storage-full'), follows }, yesterday, inBackup)).toBe('promote');
    expect(dutyOf({ ...instance('modifying'), follows }, yesterday, inBackup)).toBeUndefined();
  });
});
