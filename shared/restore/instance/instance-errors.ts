import { LifeboatError } from '../../errors/lifeboat-error.ts';

/** What an instance was to be made from does not exist, or cannot be used any more. */
export class OriginMissing extends LifeboatError {
  override readonly name = 'OriginMissing';
  override readonly kind = 'missing';
}

/** A KMS key does not exist, is disabled, or may not be used. */
export class InstanceKeyUnusable extends LifeboatError {
  override readonly name = 'InstanceKeyUnusable';
  override readonly kind = 'missing';
}

/** RDS does not make such an instance: a group that is missing, a class that the Region does not have. */
export class InstanceRefused extends LifeboatError {
  override readonly name = 'InstanceRefused';
  override readonly kind = 'unsupported';
}

/** RDS cannot make an instance of the recovery point. */
export class InstanceNotRestorable extends LifeboatError {
  override readonly name = 'InstanceNotRestorable';
  override readonly kind = 'damaged';
}

/** The restored instance is in a state that does not pass by itself, and that says nothing of the recovery point. */
export class InstanceNotUsable extends LifeboatError {
  override readonly name = 'InstanceNotUsable';
  override readonly kind = 'conflict';
}

/** The instance was not available in time. */
export class InstanceNotAvailable extends LifeboatError {
  override readonly name = 'InstanceNotAvailable';
  override readonly kind = 'incomplete';
}

/** An instance has the name, and another made it. It is left alone. */
export class InstanceNameTaken extends LifeboatError {
  override readonly name = 'InstanceNameTaken';
  override readonly kind = 'conflict';
}
