import { LifeboatError } from '../shared/errors/lifeboat-error.ts';

/** The plan cannot be deployed as one stack. */
export class NotDeployable extends LifeboatError {
  override readonly name = 'NotDeployable';
  override readonly kind = 'usage';
}
