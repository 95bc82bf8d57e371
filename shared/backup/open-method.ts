import type { OwnBackup } from '../plan/sections/backups.ts';
import type { Vault } from '../vault/vault.ts';
import { logicalRecoveryPoints } from './logical/logical-recovery-points.ts';
import type { RecoveryPoint, RecoveryPoints } from './method.ts';

/** The methods by which Lifeboat itself takes backups. */
export type MethodName = RecoveryPoint['method'];

/** The method of a backup that Lifeboat takes: its key in the plan. */
export function methodNameOf(backup: OwnBackup): MethodName {
  return 'logical' in backup ? 'logical' : 'rdsSnapshot';
}

/** Where the recovery points of the methods are. */
export interface RecoveryPointStores {
  readonly vault: Vault;
  /** Opens the snapshots of a database of the plan. */
  readonly snapshotsOf: (database: string) => RecoveryPoints;
}

/** Opens the recovery points of a backup for reading. */
export function openRecoveryPoints(
  method: MethodName,
  database: string,
  { vault, snapshotsOf }: RecoveryPointStores,
): RecoveryPoints {
  return method === 'logical' ? logicalRecoveryPoints(vault) : snapshotsOf(database);
}
