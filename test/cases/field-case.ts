import { expect, test } from 'vitest';
import { type CaseId, fieldCases } from './list.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** A case from the field, and what came out of it now. */
    fieldCase?: { readonly id: CaseId; now?: string };
  }
}

/**
 * A test of one case of `list.ts`. It fails if it never says what comes out now, so that the table at the end of
 * `npm run test:cases` is made of observations only.
 *
 * @param observe gets a function that takes what came out now, in a few words
 */
export function fieldCase(
  id: CaseId,
  observe: (now: (cameOut: string) => void) => Promise<void> | void,
  timeoutMs?: number,
): void {
  test(
    `${id}: ${fieldCases[id].input}`,
    async ({ task }) => {
      const found: { id: CaseId; now?: string } = { id };
      task.meta.fieldCase = found;
      await observe((cameOut) => {
        found.now = cameOut;
      });
      expect(found.now, `case ${id} never said what comes out now`).toBeDefined();
    },
    timeoutMs,
  );
}
