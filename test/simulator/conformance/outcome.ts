import { isDeepStrictEqual } from 'node:util';
import type { CaseOutcome } from './conformance-case.ts';

/** How an outcome differs from the expected one, as a sentence; nothing if it agrees. */
export function difference(expected: CaseOutcome, actual: CaseOutcome): string | undefined {
  const comparable = 'cause' in actual && !('cause' in expected) ? withoutCause(actual) : actual;
  if (isDeepStrictEqual(expected, comparable)) return undefined;
  return `expected ${shown(expected)}, but it was ${shown(actual)}`;
}

function withoutCause({ status, error }: Extract<CaseOutcome, { error: string }>): CaseOutcome {
  return { status, error };
}

/** A quarter of a megabyte would not help the reader of a failed test. */
const shown = (outcome: CaseOutcome): string => {
  const text = JSON.stringify(outcome);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};
