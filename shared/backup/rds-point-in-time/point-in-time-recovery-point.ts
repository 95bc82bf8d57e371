import type { RecoveryPointPlace } from '../place.ts';

/** A moment to which RDS can restore an instance. */
export interface PointInTimeRecoveryPoint extends RecoveryPointPlace {
  readonly method: 'pointInTime';
  /** The `DbiResourceId` of the instance, also after it was deleted. */
  readonly resourceId: string;
  /** The ARN of the automated backups that hold it. */
  readonly backupsArn: string;
  readonly takenAt: Date;
  /** RDS forgets the moment then. It locks nothing: anyone with the right to delete automated backups can. */
  readonly keptUntil: Date;
}
