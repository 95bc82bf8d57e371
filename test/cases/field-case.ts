import { expect, test } from 'vitest';
import { type CaseId, fieldCases } from './list.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** A case from the field, and what came out of it now, or why it cannot be tried on this machine. */
    fieldCase?: { readonly id: CaseId; readonly skipped?: string; now?: string };
  }
}

/**
 * A test of one case of `list.ts`. It fails if it never says what comes out now, so that the table at the end of
 * `npm run test:cases` is made of observations only.
 *
 * @param observe gets a function that takes what came out now, in a few words
 * @param options.skipped why this machine cannot try it. The table shows the reason, and the run does not fail for it.
 */
export function fieldCase(
  id: CaseId,
  observe: (now: (cameOut: string) => void) => Promise<void> | void,
  { timeoutMs, skipped }: { readonly timeoutMs?: number; readonly skipped?: string | undefined } = {},
): void {
  test(`${id}: ${fieldCases[id].input}`, {
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    skip: skipped !== undefined,
    meta: { fieldCase: { id, ...(skipped === undefined ? {} : { skipped }) } },
  }, async ({ task }) => {
    const found: { id: CaseId; now?: string } = { id };
    task.meta.fieldCase = found;
    await observe((cameOut) => {
      found.now = cameOut;
    });
    expect(found.now, `case ${id} never said what comes out now`).toBeDefined();
  });
}
