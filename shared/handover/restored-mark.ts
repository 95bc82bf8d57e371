import * as z from 'zod';
import { type HandOverReport, NameTaken } from '../database/engine.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { SCRATCH_PREFIX } from '../restore/scratch.ts';
import { RestoreValidated } from '../validation/step-answers.ts';

/** How many entries of each list a comment and an answer keep. */
const KEPT = 50;

/** What a hand-over applied, and what it left out. */
export const Applied = z.object({
  owner: z.string(),
  grantsLeftOut: z.array(z.string()),
  fromSource: z
    .object({
      grants: z.int(),
      settings: z.array(z.string()),
      missingRoles: z.array(z.string()),
      leftOut: z.array(z.string()),
    })
    .nullable(),
});
export type Applied = z.infer<typeof Applied>;

/** What a report says, in lists that fit into a comment and into an answer of a function. */
export function appliedOf({ owner, grantsLeftOut, fromSource }: HandOverReport): Applied {
  const short = (all: readonly string[]) => [
    ...all.slice(0, KEPT).map((each) => each.slice(0, 300)),
    ...(all.length > KEPT ? [`and ${all.length - KEPT} more`] : []),
  ];
  return {
    owner,
    grantsLeftOut: short(grantsLeftOut),
    fromSource: fromSource && {
      grants: fromSource.grants,
      settings: short(fromSource.settings),
      missingRoles: short(fromSource.missingRoles),
      leftOut: short(fromSource.leftOut),
    },
  };
}

/** What a database that was handed over says of itself, in its comment. Lifeboat never drops one. */
export const RestoredMark = z.object({
  lifeboat: z.literal('restored'),
  runId: z.string(),
  workload: z.string(),
  recoveryPoint: z.string(),
  /** What the validation answered, so that an attempt that follows a killed one need not repeat it. */
  validated: RestoreValidated,
  /** What was applied, for the same reason. Absent in marks of earlier versions. */
  applied: Applied.optional(),
});
export type RestoredMark = z.infer<typeof RestoredMark>;

/** No database of the server can have that name in the end. */
export class NameUnusable extends LifeboatError {
  override readonly name = 'NameUnusable';
  override readonly kind = 'usage';
}

/** No database of that name was handed over by a restore of this workload. */
export class CopyUnknown extends LifeboatError {
  override readonly name = 'CopyUnknown';
  override readonly kind = 'usage';
}

/** What every tool of PostgreSQL takes in quotes, and a shell without. */
export const DATABASE_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;

/**
 * Decides whether a restore may go into a database of that name: only where the name is free, or the run itself handed over what
 * has it.
 *
 * @param found what the server has under that name, with its comment; undefined if the name is free
 * @returns the mark of the run's own database; null if the name is free
 * @throws NameTaken, NameUnusable
 */
export function nameForRestore(
  name: string,
  found: { readonly comment: string | null } | undefined,
  runId: string,
): RestoredMark | null {
  if (!DATABASE_NAME.test(name))
    throw new NameUnusable(
      `${JSON.stringify(name)} cannot be restored into: expected at most 63 letters, digits, underscores and hyphens, and a letter first`,
    );
  // A role cannot have the first one. The sweeper would look at the second one.
  for (const prefix of ['pg_', SCRATCH_PREFIX])
    if (name.startsWith(prefix))
      throw new NameUnusable(`"${name}" cannot be restored into: names with "${prefix}" are reserved`);
  if (!found) return null;
  const mark = markIn(found.comment);
  if (mark?.runId === runId) return mark;
  const whose = mark ? `: run "${mark.runId}" restored it from ${mark.recoveryPoint}` : '';
  throw new NameTaken(`a database or role "${name}" exists on the server${whose}. Nothing was touched`);
}

/** The mark that a comment holds; null if it holds none. */
export function markIn(comment: string | null): RestoredMark | null {
  try {
    return RestoredMark.parse(JSON.parse(comment ?? ''));
  } catch {
    return null;
  }
}
