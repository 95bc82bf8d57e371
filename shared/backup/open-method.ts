import type { LogicalBackup } from '../plan/sections/backups.ts';
import type { Vault } from '../vault/vault.ts';
import { logicalRecoveryPoints } from './logical/logical-recovery-points.ts';
import type { RecoveryPoint, RecoveryPoints } from './method.ts';

/** The methods by which Lifeboat itself takes backups. */
export type MethodName = RecoveryPoint['method'];

/** The method of a backup that Lifeboat takes: its key in the plan. */
export function methodNameOf(_backup: LogicalBackup): MethodName {
  return 'logical';
}

/** Opens the recovery points of a method for reading. */
export const openRecoveryPoints = (method: MethodName, vault: Vault): RecoveryPoints =>
  ({ logical: logicalRecoveryPoints })[method](vault);
