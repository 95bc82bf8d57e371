import type { Clock } from '../../clock/clock.ts';
import { DAY } from '../../plan/values/duration.ts';
import type { Proof, Proving, RecoveryPoints } from '../method.ts';
import type { RecoveryPointPlace } from '../place.ts';
import { StoredBackupUnproven } from '../stored-backup-unproven.ts';
import type {
  AutomatedBackups,
  AutomatedBackupsRegions,
  RegionAutomatedBackups,
} from './automated-backups.ts';
import { judgeCopies, judgeInstance } from './judge-automated-backups.ts';
import { retentionDaysOf } from './look-after.ts';
import { isWithin, momentId, momentOf, wholeSecondsOf } from './moment.ts';
import { MomentMissing } from './point-in-time-errors.ts';
import type { PointInTimeRecoveryPoint } from './point-in-time-recovery-point.ts';

/**
 * The moments of an instance that one Region can restore. They are a window, and it moves: the newest one stands for all in a list,
 * and each moment between can be found by its id.
 */
export function pointInTimePoints(region: RegionAutomatedBackups): RecoveryPoints<PointInTimeRecoveryPoint> {
  return {
    async list() {
      const window = (await region.find())?.window;
      const seconds = window && wholeSecondsOf(window);
      return seconds
        ? [{ id: momentId(seconds.latest), begunAt: seconds.latest, since: seconds.earliest }]
        : [];
    },
    // RDS has no delete markers.
    hidden: async () => [],
    async find(place) {
      const backups = await region.find();
      const moment = momentOf(place.id);
      const point = backups && moment && pointAt(place, backups, moment);
      if (point) return point;
      const window = backups?.window && wholeSecondsOf(backups.window);
      throw new MomentMissing(
        `moment "${place.id}" of "${place.database}" cannot be restored in ${region.region}`,
        {
          hint: window
            ? `name one from ${momentId(window.earliest)} to ${momentId(window.latest)}`
            : 'RDS keeps no automated backups of it there: aws rds describe-db-instance-automated-backups',
        },
      );
    },
  };
}

function pointAt(
  { id, database, backup }: RecoveryPointPlace,
  { window, resourceId, arn, retentionDays }: AutomatedBackups,
  moment: Date,
): PointInTimeRecoveryPoint | null {
  if (!window || !isWithin(window, moment)) return null;
  const keptUntil = new Date(moment.getTime() + retentionDays * DAY);
  return {
    method: 'pointInTime',
    id,
    database,
    backup,
    resourceId,
    backupsArn: arn,
    takenAt: moment,
    keptUntil,
  };
}

/** Proves that the moments of an instance are kept as the plan says: encrypted, for as long, up to date, and copied. */
export function pointInTimeProving(
  { primary, standby }: AutomatedBackupsRegions,
  { clock, instance: name, retentionMs }: { clock: Clock; instance: string; retentionMs: number },
): Proving {
  const { find } = pointInTimePoints(primary);
  return {
    async prove(place): Promise<Proof> {
      const { keptUntil } = await find(place);
      const wanted = { retentionDays: retentionDaysOf(retentionMs), now: clock.now() };
      const instance = await primary.instance();
      const judged = judgeInstance(name, instance, wanted);
      const copies =
        standby && instance
          ? judgeCopies(await standby.find(), instance, { ...wanted, region: standby.region })
          : null;
      const faults = [judged, ...(copies ? [copies] : [])].flatMap((each) => {
        if (each.kind === 'restorable') return [];
        return [each.kind === 'impossible' ? each.error.message : each.because];
      });
      if (faults.length > 0)
        throw new StoredBackupUnproven(`the moments of "${name}" are not kept: ${faults.join('; ')}`);
      const where = [primary, ...(standby ? [standby] : [])].map(({ region }) => region);
      return {
        objects: where.length,
        keptUntil: keptUntil.toISOString(),
        lockedUntil: null,
        summary: `any moment of "${name}" in ${where.join(' and ')}, kept for ${wanted.retentionDays} days`,
      };
    },
  };
}
