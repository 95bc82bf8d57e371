import type { Path } from './mistake.ts';

/** What a rule has found: a value that is right by itself and contradicts another value of the plan. */
export interface Violation {
  readonly kind: 'wrong value' | 'wrong name';
  readonly path: Path;
  /** Completes "expected …". */
  readonly expected: string;
  /** What to show as found. Without the key: what the plan says at the path. Undefined: nothing is shown. */
  readonly found?: string | undefined;
  /** The right spellings, of which the nearest is suggested. */
  readonly candidates?: readonly string[];
}

/** The value at the path must be another one. */
export function wrong(path: Path, expected: string, candidates: readonly string[] = []): Violation {
  return { kind: 'wrong value', path, expected, candidates };
}

/** A value that must be the name of one of `entries`. */
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
