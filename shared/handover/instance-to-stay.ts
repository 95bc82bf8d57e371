import type { InstanceSettings } from '../backup/rds-snapshot/instance-settings.ts';
import type { InstanceRestore } from '../plan/lookup.ts';
import { DAY } from '../plan/values/duration.ts';
import type { NewInstance } from '../restore/instance/instances.ts';
import type { ScratchRun } from '../restore/scratch.ts';
import { newScratchInstance } from '../restore/scratch-instance/scratch-instances.ts';

/** Where neither the plan nor the source says it. RDS would keep none, and people are to work in the instance. */
const BACKUP_DAYS = 7;

/**
 * The instance of a restore that stays. Until it is handed over it is a scratch like any other: by its name, by its mark, and without
 * protection. What people need of it later it has from the start, because RDS takes hours to add some of it.
 *
 * @param source what the source was like; null where nobody recorded it
 */
export function instanceToStay(
  deployment: string,
  run: ScratchRun,
  planned: Omit<InstanceRestore['instance'], 'expires'>,
  source: InstanceSettings | null,
): NewInstance {
  const { multiAz, backupRetention } = planned;
  const backupDays =
    backupRetention === undefined ? (source?.backupDays ?? BACKUP_DAYS) : backupRetention / DAY;
  return {
    ...newScratchInstance(deployment, run, planned),
    multiAz: multiAz ?? source?.multiAz ?? false,
    backupDays: backupDays || BACKUP_DAYS,
    minorUpgrades: source?.minorUpgrades ?? true,
    copiesTags: true,
  };
}
