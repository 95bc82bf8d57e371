import * as z from 'zod';
import type { Path } from '../mistake.ts';
import type { Parts } from '../parts.ts';
import { keyAlias, named, retention, schedule, scheduleOfAnother, text } from '../values/fields.ts';
import { type Violation, wrong } from '../violation.ts';

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
  rdsSnapshot: z
    .strictObject({
      copyToStandby: z
        .strictObject({
          key: keyAlias.describe(
            'The KMS key of the standby Region that encrypts the copies, by alias. The key of the primary Region is of no use there.',
          ),
        })
        .optional()
        .describe(
          'Copies each snapshot to the standby Region. Without it, the snapshots are lost with the primary.',
        ),
    })
    .describe(
      'A snapshot of the storage of an RDS instance. Lifeboat takes it through RDS, unless `takenBy` names another.',
    ),
  takenBy: takenBy.optional(),
  schedule: scheduleOfAnother.describe(
    'When it is taken. In UTC. `on-change` only where another takes it, because Lifeboat does not see your changes.',
  ),
  retention: retention.describe(
    'How long a snapshot is kept, at least `1d`. RDS locks nothing: who may delete snapshots can.',
  ),
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
type RdsSnapshots = z.output<typeof rdsSnapshotBackup>;
/** A snapshot that Lifeboat takes. */
export type RdsSnapshotBackup = Omit<RdsSnapshots, 'takenBy'> & { readonly takenBy?: undefined };
/** A backup that Lifeboat takes itself. */
export type OwnBackup = LogicalBackup | RdsSnapshotBackup;

/**
 * Whether Lifeboat takes this backup itself. Other backups are listed, but Lifeboat promises nothing about
 * them.
 */
export function isTakenByLifeboat(backup: Backup): backup is OwnBackup {
  return backup.takenBy === undefined;
}

/** The taker of Lifeboat's own backups, in words. */
export const LIFEBOAT = 'Lifeboat';

/** What takes a backup, in words. */
export function takerOf(backup: Backup): string {
  return backup.takenBy ?? LIFEBOAT;
}

/** The method of a backup, in words. */
export function methodOf(backup: Backup): string {
  if ('logical' in backup) return 'logical';
  if ('pointInTime' in backup) return 'point in time';
  return 'schema' in backup ? 'schema' : 'RDS snapshot';
}

/** A snapshot that Lifeboat takes needs an RDS instance and a schedule that Lifeboat can start. One of another cannot be copied by it. */
export function rdsSnapshotRules(
  path: Path,
  backup: Parts<Backup> | undefined,
  hasInstance: boolean,
): Violation[] {
  if (backup === undefined || !('rdsSnapshot' in backup) || backup.rdsSnapshot === undefined) return [];
  if (backup.takenBy !== undefined)
    return backup.rdsSnapshot.copyToStandby === undefined
      ? []
      : [
          wrong(
            [...path, 'rdsSnapshot', 'copyToStandby'],
            'no copyToStandby: Lifeboat copies only what it takes',
          ),
        ];
  return [
    ...(hasInstance
      ? []
      : [
          wrong(
            [...path, 'rdsSnapshot'],
            'rds: { instance: … } beside postgres, or takenBy to name what takes it',
          ),
        ]),
    ...(backup.schedule === 'on-change'
      ? [wrong([...path, 'schedule'], 'cron(…), rate(…) or on-demand: Lifeboat does not see your changes')]
      : []),
  ];
}
