import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { Kind } from './kind.ts';
import { backup } from './kinds/backup.ts';
import { rehydrate } from './kinds/rehydrate.ts';
import { replay } from './kinds/replay.ts';
import { restore } from './kinds/restore.ts';
import { restoreTest } from './kinds/restore-test.ts';
import { verify } from './kinds/verify.ts';

/** Every kind of run. A new kind is one file and one entry here. */
export const KINDS = [backup, restoreTest, verify, restore, replay, rehydrate] as const;
export type KnownKind = (typeof KINDS)[number];

/** A run of a kind that this version of Lifeboat does not have. */
export class UnknownKind extends LifeboatError {
  override readonly name = 'UnknownKind';
  override readonly kind = 'unsupported';
}

/** The kind of that name. @throws UnknownKind */
export function kindOf(name: string, kinds: readonly Kind[] = KINDS): Kind {
  const kind = kinds.find((each) => each.name === name);
  if (kind) return kind;
  const names = kinds.map((each) => each.name).join(', ');
  throw new UnknownKind(`"${name}" is not a kind of run; these are: ${names}`);
}
