import { LifeboatError } from '../../errors/lifeboat-error.ts';

/** The plan names an instance that RDS does not have. */
export class InstanceMissing extends LifeboatError {
  override readonly name = 'InstanceMissing';
  override readonly kind = 'missing';
}

/** RDS takes no snapshot of a stopped instance. */
export class InstanceStopped extends LifeboatError {
  override readonly name = 'InstanceStopped';
  override readonly kind = 'conflict';
}

/** The instance has no storage left. RDS takes no snapshot of it. */
export class InstanceStorageFull extends LifeboatError {
  override readonly name = 'InstanceStorageFull';
  override readonly kind = 'conflict';
}

/** The instance is in a state that does not pass by itself. */
export class InstanceUnusable extends LifeboatError {
  override readonly name = 'InstanceUnusable';
  override readonly kind = 'conflict';
}

/** The instance is not encrypted, so its snapshots would not be either. */
export class InstanceUnencrypted extends LifeboatError {
  override readonly name = 'InstanceUnencrypted';
  override readonly kind = 'unsupported';
}

/** A KMS key does not exist, is disabled, or may not be used. */
export class SnapshotKeyUnusable extends LifeboatError {
  override readonly name = 'SnapshotKeyUnusable';
  override readonly kind = 'missing';
}

/** RDS itself gave up the snapshot or its copy. */
export class SnapshotFailed extends LifeboatError {
  override readonly name = 'SnapshotFailed';
  override readonly kind = 'incomplete';
}

/** The snapshot was not complete in time. */
export class SnapshotNotCompleted extends LifeboatError {
  override readonly name = 'SnapshotNotCompleted';
  override readonly kind = 'incomplete';
}

/** A snapshot of the run's name exists, and this run did not take it. */
export class SnapshotNameTaken extends LifeboatError {
  override readonly name = 'SnapshotNameTaken';
  override readonly kind = 'conflict';
}

/** There is no such snapshot of this backup. */
export class SnapshotMissing extends LifeboatError {
  override readonly name = 'SnapshotMissing';
  override readonly kind = 'missing';
}
