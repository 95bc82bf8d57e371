import { LifeboatError } from '../errors/lifeboat-error.ts';

/** A part of a new recovery point is missing, incomplete, unencrypted, or not kept as the plan demands. */
export class StoredBackupUnproven extends LifeboatError {
  override readonly name = 'StoredBackupUnproven';
  override readonly kind = 'damaged';
}
