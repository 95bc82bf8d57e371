import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { Blame } from './engine.ts';

/** The engine refused a statement while a copy was loaded or read, and that proves nothing about the backup. */
export class DatabaseRefused extends LifeboatError {
  override readonly name = 'DatabaseRefused';
  override readonly kind = 'unsupported';

  /** @param what could not be done; the message adds what was said, who is suspected and why, and the next step */
  constructor(what: string, { said, suspect, because, next }: Blame, cause: unknown) {
    super(
      `${what}: ${said}. Nothing is proven of the backup; ${suspected(suspect)}, because ${because}. Next: ${next}.`,
      { cause },
    );
  }
}

function suspected(suspect: Blame['suspect']): string {
  if (suspect === 'nobody') return 'no suspect is known';
  return suspect === 'Lifeboat' ? 'suspected: Lifeboat' : `suspected: the ${suspect}`;
}
