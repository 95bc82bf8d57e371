import * as z from 'zod';
import type { DatabaseTraits } from '../database/engine.ts';
import { ScratchNotOurs, type ScratchRun } from './scratch.ts';

/** What says in a scratch itself whose it is. */
const ScratchMark = z.object({
  lifeboat: z.literal('scratch'),
  runId: z.string(),
  workload: z.string(),
  expiresAt: z.iso.datetime(),
  /** What it was created like. */
  like: z.string().default(''),
  /** True once a load may have begun to write into it. Without the field nothing is known, so it counts as claimed. */
  claimed: z.boolean().default(true),
});
export type ScratchMark = z.infer<typeof ScratchMark>;

export function markOf(run: ScratchRun, like: DatabaseTraits, claimed: boolean): ScratchMark {
  return {
    lifeboat: 'scratch',
    runId: run.runId,
    workload: run.workload,
    expiresAt: run.expiresAt.toISOString(),
    like: [
      like.encoding,
      like.localeProvider,
      like.collate,
      like.ctype,
      like.locale ?? '',
      like.icuRules ?? '',
    ].join(' '),
    claimed,
  };
}

/** The mark in a comment; null if the comment is not a mark. */
export function readMark(comment: string | null): ScratchMark | null {
  if (!comment) return null;
  try {
    return ScratchMark.parse(JSON.parse(comment));
  } catch {
    return null;
  }
}

/** Whether a scratch may be used as it is: nothing was loaded into it, and it was created like this source. */
export function isUnused(found: ScratchMark, wanted: ScratchMark): boolean {
  return !found.claimed && found.like === wanted.like;
}

/**
 * Decides whether a database that has the name of a run's scratch may be dropped: only with the mark of that very run.
 *
 * @param comment what the database says of itself
 * @returns the mark
 * @throws ScratchNotOurs
 */
export function requireOurs(name: string, comment: string | null, runId: string): ScratchMark {
  const mark = readMark(comment);
  if (mark?.runId === runId) return mark;
  throw new ScratchNotOurs(
    `database "${name}" exists without the mark of this run in its comment: look at it, and drop it by hand if it is a leftover`,
  );
}
