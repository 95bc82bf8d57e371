import { LifeboatError } from '../shared/errors/lifeboat-error.ts';

/** The call makes no sense as it stands; the message says which would. */
export class WrongUsage extends LifeboatError {
  override readonly name = 'WrongUsage';
  override readonly kind = 'usage';
}
