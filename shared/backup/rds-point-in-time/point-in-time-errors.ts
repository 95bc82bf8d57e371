import { LifeboatError } from '../../errors/lifeboat-error.ts';

/** The instance keeps no automated backups, so no moment of it can be restored. */
export class AutomatedBackupsOff extends LifeboatError {
  override readonly name = 'AutomatedBackupsOff';
  override readonly kind = 'conflict';
}

/** The automated backups do not reach back as far as the plan says. */
export class AutomatedBackupsTooShort extends LifeboatError {
  override readonly name = 'AutomatedBackupsTooShort';
  override readonly kind = 'conflict';
}

/** RDS archives no log of the instance: the newest moment that can be restored stands still. */
export class ArchiveLate extends LifeboatError {
  override readonly name = 'ArchiveLate';
  override readonly kind = 'incomplete';
}

/** The copies in the standby Region are not brought up to date. */
export class ReplicationLate extends LifeboatError {
  override readonly name = 'ReplicationLate';
  override readonly kind = 'incomplete';
}

/** The copies in the standby Region are not encrypted under a key of that Region. */
export class ReplicationUnencrypted extends LifeboatError {
  override readonly name = 'ReplicationUnencrypted';
  override readonly kind = 'conflict';
}

/** A KMS key of the standby Region does not exist, is disabled, or may not be used. */
export class ReplicationKeyUnusable extends LifeboatError {
  override readonly name = 'ReplicationKeyUnusable';
  override readonly kind = 'missing';
}

/** The first moment, or the first copy in the standby Region, did not come in time. */
export class PointInTimeNotReady extends LifeboatError {
  override readonly name = 'PointInTimeNotReady';
  override readonly kind = 'incomplete';
}

/** RDS cannot restore the instance as it was at that moment. */
export class MomentMissing extends LifeboatError {
  override readonly name = 'MomentMissing';
  override readonly kind = 'missing';
}
