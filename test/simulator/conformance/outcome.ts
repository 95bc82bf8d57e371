import { isDeepStrictEqual } from 'node:util';
import type { CaseOutcome } from './conformance-case.ts';

/** How an outcome differs from the expected one, as a sentence, or nothing when it agrees. */
export function difference(expected: CaseOutcome, actual: CaseOutcome): string | undefined {
  const comparable = 'cause' in actual && !('cause' in expected) ? withoutCause(actual) : actual;
  if (isDeepStrictEqual(expected, comparable)) return undefined;
  return `expected ${JSON.stringify(expected)}, but it was ${JSON.stringify(actual)}`;
}

function withoutCause({ status, error }: Extract<CaseOutcome, { error: string }>): CaseOutcome {
  return { status, error };
}
