import type { LifeboatError } from '../../errors/lifeboat-error.ts';
import { formatDuration } from '../../plan/values/duration.ts';
import { isComingBack, isReady } from '../rds-snapshot/instance-state.ts';
import {
  InstanceMissing,
  InstanceStopped,
  InstanceStorageFull,
  InstanceUnencrypted,
  InstanceUnusable,
} from '../rds-snapshot/snapshot-errors.ts';
import type { AutomatedBackups, BackedUpInstance, RestorableWindow } from './automated-backups.ts';
import {
  ArchiveLate,
  AutomatedBackupsOff,
  AutomatedBackupsTooShort,
  ReplicationLate,
  ReplicationUnencrypted,
} from './point-in-time-errors.ts';

/** RDS archives every five minutes: three times in a row it did not. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html */
export const ARCHIVE_LATE_MS = 20 * 60_000;

/** AWS promises no time for copies in another Region. */
export const REPLICATION_LATE_MS = 3_600_000;

/** Whether any moment of an instance can be restored; else what that waits for, or why it never will. */
export type Judged =
  | { readonly kind: 'restorable'; readonly latest: Date }
  | { readonly kind: 'waiting'; readonly because: string }
  | { readonly kind: 'impossible'; readonly error: LifeboatError };

interface Wanted {
  readonly retentionDays: number;
  readonly now: Date;
}

/** Decides by an instance, as RDS describes it, whether its automated backups are as the plan says. */
export function judgeInstance(
  name: string,
  instance: BackedUpInstance | null,
  { retentionDays, now }: Wanted,
): Judged {
  const impossible = (error: LifeboatError): Judged => ({ kind: 'impossible', error });
  if (instance === null)
    return impossible(
      new InstanceMissing(`there is no RDS instance "${name}" in this account and Region`, {
        hint: 'what RDS retains of a deleted one: aws rds describe-db-instance-automated-backups; else correct rds.instance in the plan',
      }),
    );
  const { status, encrypted, latest } = instance;
  const fault = faultOfStatus(name, status);
  if (fault) return impossible(fault);
  if (!encrypted)
    return impossible(
      new InstanceUnencrypted(`RDS instance "${name}" is not encrypted, and so its backups are not`, {
        hint: 'restore it from a snapshot that was copied under a KMS key, and use that instance',
      }),
    );
  const switching = `aws rds modify-db-instance --db-instance-identifier ${name} --backup-retention-period ${retentionDays}`;
  if (instance.retentionDays === 0)
    return impossible(
      new AutomatedBackupsOff(
        `automated backups of RDS instance "${name}" are off: no moment of it can be restored`,
        { hint: `switch them on, when an outage of a few seconds does no harm: ${switching}` },
      ),
    );
  if (instance.retentionDays < retentionDays)
    return impossible(tooShort(`RDS instance "${name}"`, instance.retentionDays, retentionDays, switching));
  if (latest === null)
    return { kind: 'waiting', because: `the first automated backup of "${name}" (${status})` };
  const age = now.getTime() - latest.getTime();
  if (age > ARCHIVE_LATE_MS)
    return impossible(
      new ArchiveLate(
        `the newest moment of RDS instance "${name}" that can be restored is ${formatDuration(age)} old: ${latest.toISOString()}`,
        { hint: 'look at its events: aws rds describe-events --source-type db-instance' },
      ),
    );
  return { kind: 'restorable', latest };
}

function faultOfStatus(name: string, status: string): LifeboatError | null {
  if (/^stopp/.test(status))
    return new InstanceStopped(`RDS instance "${name}" is ${status}: RDS backs it up no longer`, {
      hint: 'start it: aws rds start-db-instance',
    });
  if (status === 'storage-full')
    return new InstanceStorageFull(
      `RDS instance "${name}" has no storage left: its log may not be archived`,
      {
        hint: 'raise its AllocatedStorage, or switch storage autoscaling on',
      },
    );
  if (isReady(status) || isComingBack(status)) return null;
  return new InstanceUnusable(`RDS instance "${name}" is ${status}: RDS may back it up no longer`, {
    hint: 'look at its events: aws rds describe-events --source-type db-instance',
  });
}

/** What becomes of the copies in the standby Region. */
export type JudgedCopies =
  | { readonly kind: 'restorable'; readonly window: RestorableWindow }
  /** There are none of this instance, or RDS stopped adding to them. */
  | { readonly kind: 'start'; readonly because: string }
  | { readonly kind: 'waiting'; readonly because: string }
  | { readonly kind: 'impossible'; readonly error: LifeboatError };

/** Decides by the copies in the standby Region whether they are as the plan says. */
export function judgeCopies(
  copies: AutomatedBackups | null,
  { resourceId }: Pick<BackedUpInstance, 'resourceId'>,
  { region, retentionDays, now }: Wanted & { readonly region: string },
): JudgedCopies {
  const impossible = (error: LifeboatError): JudgedCopies => ({ kind: 'impossible', error });
  if (copies === null) return { kind: 'start', because: 'there were no copies' };
  if (copies.resourceId !== resourceId)
    return { kind: 'start', because: 'the copies were of another instance' };
  if (copies.status === 'retained') return { kind: 'start', because: 'the replication had been stopped' };
  const again = 'stop the replication and take this backup again, which starts it as the plan says';
  if (!copies.key?.includes(`:${region}:`))
    return impossible(
      new ReplicationUnencrypted(`the copies in ${region} are not under a key of that Region`, {
        hint: again,
      }),
    );
  if (copies.retentionDays < retentionDays)
    return impossible(tooShort(`the copies in ${region}`, copies.retentionDays, retentionDays, again));
  if (copies.window === null) return { kind: 'waiting', because: `${region}: ${copies.status}` };
  const { latest } = copies.window;
  const age = now.getTime() - latest.getTime();
  if (age > REPLICATION_LATE_MS)
    return impossible(
      new ReplicationLate(
        `the newest moment that can be restored in ${region} is ${formatDuration(age)} old: ${latest.toISOString()}`,
        { hint: `look at them: aws rds describe-db-instance-automated-backups --region ${region}` },
      ),
    );
  return { kind: 'restorable', window: copies.window };
}

function tooShort(of: string, days: number, wanted: number, hint: string): AutomatedBackupsTooShort {
  return new AutomatedBackupsTooShort(
    `automated backups of ${of} reach back ${days} days, and the plan says ${wanted}`,
    { hint },
  );
}
