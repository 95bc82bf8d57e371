import { closestSpelling, type Finding, type Path, show } from '../mistake.ts';
import { parseDuration } from '../values/duration.ts';

// How rules look at a plan as YAML gives it. Whatever has not the shape that a rule needs is listed by checkShape.

export function asMap(value: unknown): Record<string, unknown> | undefined {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap ? (value as Record<string, unknown>) : undefined;
}

export function mapAt(value: unknown, key: string): Record<string, unknown> | undefined {
  return asMap(asMap(value)?.[key]);
}

export function namesAt(value: unknown, key: string): string[] {
  return Object.keys(mapAt(value, key) ?? {});
}

export function millisecondsOf(value: unknown): number | undefined {
  try {
    return parseDuration(String(value));
  } catch {
    return undefined;
  }
}

export function wrong(
  path: Path,
  expected: string,
  value: unknown,
  candidates: readonly string[] = [],
): Finding {
  const suggestion = closestSpelling(String(value), candidates);
  return { kind: 'wrong value', path, expected, found: show(value, path), suggestion };
}

/** A value that must be one of the names that the plan gives to `what`. */
export function oneOfNames(path: Path, what: string, value: unknown, names: readonly string[]): Finding[] {
  if (typeof value !== 'string' || names.includes(value)) return [];
  return [wrong(path, `${what} (${names.join(', ') || 'there is none'})`, value, names)];
}

/** The name of one of the plan's scenarios. */
export function scenarioExists(path: Path, value: unknown, raw: unknown): Finding[] {
  const names = namesAt(mapAt(raw, 'objectives'), 'scenarios');
  return oneOfNames(path, 'a scenario of objectives.scenarios', value, names);
}
