import type { WatchedBackup } from '../plan/sections/backups.ts';
import type { Vault } from '../vault/vault.ts';
import { logicalRecoveryPoints } from './logical/logical-recovery-points.ts';
import type { RecoveryPoint, RecoveryPoints } from './method.ts';
import type { OpenRdsPoints } from './open-rds-points.ts';
import type { BackupPlace } from './place.ts';

/** The methods by which recovery points that Lifeboat sees are taken. */
export type MethodName = RecoveryPoint['method'];

/** The method of a backup: its key in the plan. */
export function methodNameOf(backup: WatchedBackup): MethodName {
  if ('logical' in backup) return 'logical';
  return 'pointInTime' in backup ? 'pointInTime' : 'rdsSnapshot';
}

/** Where the recovery points of the methods are. */
export interface RecoveryPointStores {
  readonly vault: Vault;
  readonly rdsPoints: OpenRdsPoints;
}

/** Opens the recovery points of a backup for reading, in the primary Region. */
export function openRecoveryPoints(
  method: MethodName,
  of: BackupPlace,
  { vault, rdsPoints }: RecoveryPointStores,
): RecoveryPoints {
  return method === 'logical' ? logicalRecoveryPoints(vault) : rdsPoints(of, 'primary');
}

/** Whether the plan wants the recovery points of a backup copied to the standby Region by RDS. */
export function isCopiedByRds(backup: WatchedBackup): boolean {
  if ('logical' in backup) return false;
  return ('pointInTime' in backup ? backup.pointInTime : backup.rdsSnapshot).copyToStandby !== undefined;
}
