import type { Path } from './mistake.ts';

/** A rule's finding: a value that is valid by itself but contradicts another value of the plan. */
export interface Violation {
  readonly kind: 'wrong value' | 'wrong name';
  readonly path: Path;
  /** Completes "expected …". */
  readonly expected: string;
  /**
   * The text to show as found. If the key is absent, the plan's value at the path. If undefined, nothing is
   * shown.
   */
  readonly found?: string | undefined;
  /** The valid spellings; the nearest is suggested. */
  readonly candidates?: readonly string[];
}

/** The value at the path must be a different one. */
export function wrong(path: Path, expected: string, candidates: readonly string[] = []): Violation {
  return { kind: 'wrong value', path, expected, candidates };
}

/** The value must be the name of one of `entries`. */
export function oneOfNames(
  path: Path,
  what: string,
  value: string | undefined,
  entries: Readonly<Record<string, unknown>>,
): Violation[] {
  const names = Object.keys(entries);
  if (value === undefined || names.includes(value)) return [];
  return [wrong(path, `${what} (${names.join(', ') || 'there is none'})`, names)];
}
