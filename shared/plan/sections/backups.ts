import * as z from 'zod';
import { named, retention, schedule, scheduleOfAnother, text } from '../values/fields.ts';

/**
 * Names the tool that takes a backup when Lifeboat does not. Every backup in a plan needs something that
 * takes it.
 */
export const takenBy = text('the name of what takes it').describe(
  'What takes it, in words: Lifeboat does not take it itself, and does not check it.',
);

const kept = retention.describe(
  'How long a recovery point is kept, at least `1d`. Its lock in the vault lasts as long.',
);

const takenByAnother = {
  takenBy,
  schedule: scheduleOfAnother.describe('When it is taken. In UTC. Lifeboat does not start it.'),
  retention: kept,
};

const logical = z.strictObject({
  rows: z
    .enum(['binary', 'text'])
    .default('binary')
    .describe(
      'The format of COPY. binary is faster; text can be read by people and by servers of other versions.',
    ),
});

const logicalBackup = z.strictObject({
  logical: logical.describe(
    'Every row, streamed to the vault with a manifest. It restores anywhere. Lifeboat takes it.',
  ),
  schedule: schedule.describe('When it is taken. In UTC.'),
  retention: kept,
  takenBy: z
    .never({ error: 'no takenBy: Lifeboat itself takes a logical backup' })
    .optional()
    .describe('Not for a logical backup: Lifeboat takes it.'),
});

const pointInTimeBackup = z.strictObject({
  pointInTime: z.strictObject({}).describe("The server's own archive of its write-ahead log."),
  ...takenByAnother,
});

const schemaBackup = z.strictObject({
  schema: z.strictObject({}).describe('The definitions only, without rows.'),
  ...takenByAnother,
});

const rdsSnapshotBackup = z.strictObject({
  rdsSnapshot: z.strictObject({}).describe('A snapshot that RDS takes of the storage.'),
  ...takenByAnother,
});

const backup = z.union([logicalBackup, pointInTimeBackup, schemaBackup, rdsSnapshotBackup], {
  error: 'exactly one of logical, pointInTime, schema and rdsSnapshot',
});

export const backups = named(backup)
  .refine((backups) => Object.keys(backups).length > 0, { error: 'at least one backup' })
  .describe('The backups, by name.');

export type Backups = z.output<typeof backups>;
export type Backup = z.output<typeof backup>;
export type LogicalBackup = z.output<typeof logicalBackup>;

/**
 * Whether Lifeboat takes this backup itself. Other backups are listed, but Lifeboat promises nothing about
 * them.
 */
export function isTakenByLifeboat(backup: Backup): backup is LogicalBackup {
  return 'logical' in backup;
}

/** The taker of Lifeboat's own backups, in words. */
export const LIFEBOAT = 'Lifeboat';

/** What takes a backup, in words. */
export function takerOf(backup: Backup): string {
  return isTakenByLifeboat(backup) ? LIFEBOAT : backup.takenBy;
}

/** The method of a backup, in words. */
export function methodOf(backup: Backup): string {
  if ('logical' in backup) return 'logical';
  if ('pointInTime' in backup) return 'point in time';
  return 'schema' in backup ? 'schema' : 'RDS snapshot';
}
