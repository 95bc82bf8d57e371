import * as z from 'zod';
import type { Path } from '../mistake.ts';
import type { Parts } from '../parts.ts';
import { DAY } from '../values/duration.ts';
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

const verify = z.strictObject({
  schedule: schedule.describe('When it is read. In UTC.'),
  choose: z
    .enum(['in-turn', 'newest'])
    .default('in-turn')
    .describe(
      'in-turn: the recovery point that was read longest ago, so that all of them are read. newest: always the newest.',
    ),
});

const logicalBackup = z.strictObject({
  logical: logical.describe(
    'Every row, streamed to the vault with a manifest. It restores anywhere. Lifeboat takes it.',
  ),
  schedule: schedule.describe('When it is taken. In UTC.'),
  retention: kept,
  verify: verify
    .optional()
    .describe(
      'Reads every byte of a kept recovery point again, against its seals and hashes, and proves that nobody can delete it. It needs no database.',
    ),
  takenBy: z
    .never({ error: 'no takenBy: Lifeboat itself takes a logical backup' })
    .optional()
    .describe('Not for a logical backup: Lifeboat takes it.'),
});

const standbyKey = (what: string) =>
  z.strictObject({
    key: keyAlias.describe(
      `The KMS key of the standby Region that encrypts ${what}, by alias. The key of the primary Region is of no use there.`,
    ),
  });

const pointInTimeBackup = z.strictObject({
  pointInTime: z
    .strictObject({
      copyToStandby: standbyKey('the copies')
        .optional()
        .describe(
          "Replicates the instance's automated backups to the standby Region. Lifeboat starts it, and never stops it.",
        ),
    })
    .describe(
      "The server's own archive of its write-ahead log: any moment can be restored. On RDS Lifeboat looks after it, unless `takenBy` names another.",
    ),
  takenBy: takenBy.optional(),
  schedule: scheduleOfAnother.describe(
    'With `takenBy`: how often the log is archived. Without: when Lifeboat checks it and starts what is missing; RDS archives every five minutes. In UTC.',
  ),
  retention: retention.describe(
    'How far back a moment can be restored. RDS keeps 1d to 35d, as its instance says: Lifeboat checks it, and never changes it.',
  ),
});

const schemaBackup = z.strictObject({
  schema: z.strictObject({}).describe('The definitions only, without rows.'),
  ...takenByAnother,
});

const rdsSnapshotBackup = z.strictObject({
  rdsSnapshot: z
    .strictObject({
      type: z
        .enum(['automated', 'awsbackup', 'manual'], { error: 'one of automated, awsbackup and manual' })
        .optional()
        .describe(
          'Only with `takenBy`: which snapshots of the instance are meant, by the type that RDS gives them. Without it: all that Lifeboat did not take.',
        ),
      copyToStandby: standbyKey('the copies')
        .optional()
        .describe(
          'Copies each snapshot to the standby Region. Without it, the snapshots are lost with the primary.',
        ),
    })
    .describe(
      'A snapshot of the storage of an RDS instance. Lifeboat takes it through RDS, unless `takenBy` names another: then it watches how old the newest one is.',
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
export type RdsSnapshots = z.output<typeof rdsSnapshotBackup>;
type PointInTime = z.output<typeof pointInTimeBackup>;
/** A snapshot that Lifeboat takes. */
export type RdsSnapshotBackup = Omit<RdsSnapshots, 'takenBy'> & { readonly takenBy?: undefined };
/** Automated backups of RDS that Lifeboat looks after. */
export type PointInTimeBackup = Omit<PointInTime, 'takenBy'> & { readonly takenBy?: undefined };
/** A backup that Lifeboat takes itself, or looks after. */
export type OwnBackup = LogicalBackup | RdsSnapshotBackup | PointInTimeBackup;

/**
 * Whether Lifeboat takes this backup itself, or looks after it. Other backups are listed, but Lifeboat promises nothing about
 * them.
 */
export function isTakenByLifeboat(backup: Backup): backup is OwnBackup {
  return backup.takenBy === undefined;
}

/** A backup whose recovery points Lifeboat can see: its own, and the snapshots that others take of an RDS instance. */
export type WatchedBackup = OwnBackup | RdsSnapshots;

/** Whether Lifeboat sees the recovery points of a backup, and tells how old they are. */
export function isWatched(backup: Backup, { rds }: { readonly rds?: unknown }): backup is WatchedBackup {
  return isTakenByLifeboat(backup) || ('rdsSnapshot' in backup && rds !== undefined);
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

/** RDS keeps automated backups no longer. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html */
const LONGEST_AUTOMATED = 35 * DAY;

/** What a plan names of RDS: one of the two. */
interface NamedOnRds {
  readonly instance?: string | undefined;
  readonly cluster?: string | undefined;
}

/** What Lifeboat does through RDS needs an instance or a cluster and a schedule that Lifeboat can start. It copies nothing that another takes. */
export function rdsRules(
  path: Path,
  backup: Parts<Backup> | undefined,
  rds: NamedOnRds | undefined,
): Violation[] {
  if (backup === undefined) return [];
  const method = 'rdsSnapshot' in backup ? 'rdsSnapshot' : 'pointInTime';
  const settings =
    'rdsSnapshot' in backup ? backup.rdsSnapshot : 'pointInTime' in backup ? backup.pointInTime : undefined;
  if (settings === undefined) return [];
  if (backup.takenBy !== undefined)
    return settings.copyToStandby === undefined
      ? []
      : [wrong([...path, method, 'copyToStandby'], 'no copyToStandby: Lifeboat copies only what it takes')];
  return [
    ...('type' in settings && settings.type !== undefined
      ? [wrong([...path, method, 'type'], 'no type: it is for snapshots that takenBy names the taker of')]
      : []),
    ...(rds === undefined
      ? [wrong([...path, method], 'rds: { instance: … } beside postgres, or takenBy to name what takes it')]
      : []),
    ...(method === 'pointInTime' && rds?.cluster !== undefined
      ? [
          wrong(
            [...path, method],
            'takenBy to name what keeps it: Lifeboat looks after the automated backups of instances, not of Aurora clusters',
          ),
        ]
      : []),
    ...(backup.schedule === 'on-change'
      ? [wrong([...path, 'schedule'], 'cron(…), rate(…) or on-demand: Lifeboat does not see your changes')]
      : []),
    ...(method === 'pointInTime' && (backup.retention ?? 0) > LONGEST_AUTOMATED
      ? [wrong([...path, 'retention'], 'at most 35d: RDS keeps automated backups no longer')]
      : []),
  ];
}
