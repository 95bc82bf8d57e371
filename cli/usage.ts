import { LifeboatError } from '../shared/errors/lifeboat-error.ts';

/** The call is invalid as written; the message says which call would be valid. */
export class WrongUsage extends LifeboatError {
  override readonly name = 'WrongUsage';
  override readonly kind = 'usage';
}
