import { databaseOf, pointInTimeBackupOf } from '../../plan/lookup.ts';
import type { Plan } from '../../plan/schema.ts';
import type { BackupPlace } from '../place.ts';
import type { RdsIn } from '../rds-snapshot/open-snapshots.ts';
import type { AutomatedBackupsRegions } from './automated-backups.ts';
import { copiedAutomatedBackups, instanceAutomatedBackups } from './instance-automated-backups.ts';

/** The Regions in which the plan keeps the moments of an instance. @throws NotInPlan */
export function automatedBackupsRegionsOf(
  plan: Plan,
  of: BackupPlace,
  rdsIn: RdsIn,
): AutomatedBackupsRegions {
  const { backup, instance } = pointInTimeBackupOf(databaseOf(plan, of.database), of.backup);
  const { primary, standby } = plan.regions;
  const copy = backup.pointInTime.copyToStandby;
  return {
    primary: instanceAutomatedBackups(rdsIn(primary), primary, instance),
    standby: copy
      ? copiedAutomatedBackups(rdsIn(standby), standby, { instance, from: primary, key: copy.key })
      : null,
  };
}
