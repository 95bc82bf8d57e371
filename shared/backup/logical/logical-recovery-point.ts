import type { RecoveryPointPlace } from '../place.ts';
import type { Manifest } from './manifest.ts';

/** A recovery point of a logical backup. Its manifest names every object in the vault. */
export interface LogicalRecoveryPoint extends RecoveryPointPlace {
  readonly method: 'logical';
  /** The moment it shows. */
  readonly takenAt: Date;
  readonly label: string | null;
  readonly manifest: Manifest;
}

export function logicalRecoveryPoint(manifest: Manifest): LogicalRecoveryPoint {
  return {
    method: 'logical',
    id: manifest.recoveryPoint,
    database: manifest.database,
    backup: manifest.backup,
    takenAt: new Date(manifest.snapshotAt),
    label: manifest.label,
    manifest,
  };
}
