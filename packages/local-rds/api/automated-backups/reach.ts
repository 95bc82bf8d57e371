import type { BaseBackup } from '../../engine/engine.ts';
import { Fault } from '../../protocol/fault.ts';
import type { AutomatedBackup } from '../../state/things.ts';
import type { Service } from '../service.ts';

/** From when to when an automated backup can restore. Undefined before its first base backup. */
export async function restoreWindow(
  service: Service,
  backup: AutomatedBackup,
): Promise<{ EarliestTime: Date; LatestTime: Date } | undefined> {
  const bases = await basesOf(service, backup);
  const [first, newest] = [bases[0], bases.at(-1)];
  if (!first || !newest) return undefined;
  const { latest } = await service.engine.restorableWindow(newest, backup.archive);
  return { EarliestTime: first.completedAt, LatestTime: latest };
}

/**
 * The base backup from which to go to a moment: the newest that was complete by then; without a moment, the newest. Throws
 * InvalidParameterValue for a moment that lies outside of what can be restored.
 */
export async function reach(
  service: Service,
  backup: AutomatedBackup,
  moment: Date | undefined,
): Promise<{ base: BaseBackup }> {
  const bases = await basesOf(service, backup);
  const window = await restoreWindow(service, backup);
  if (!window) {
    throw new Fault(
      'PointInTimeRestoreNotEnabledFault',
      `The automated backup of ${backup.shown.DBInstanceIdentifier} holds no base backup yet.`,
    );
  }
  if (moment !== undefined && (moment < window.EarliestTime || moment > window.LatestTime)) {
    const [earliest, latest] = [window.EarliestTime.toISOString(), window.LatestTime.toISOString()];
    throw new Fault(
      'InvalidParameterValue',
      `The specified instance cannot be restored to a time later than ${latest} or earlier than ${earliest}.`,
    );
  }
  const base = bases.findLast(({ completedAt }) => moment === undefined || completedAt <= moment);
  if (!base) throw new Error(`No base backup of ${backup.name} is from before ${moment?.toISOString()}.`);
  return { base };
}

function basesOf(service: Service, backup: AutomatedBackup): Promise<BaseBackup[]> {
  return Promise.all(backup.bases.map((folder) => service.engine.readBackup(folder)));
}
