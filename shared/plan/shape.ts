import * as z from 'zod';
import { closestSpelling, type Finding, formatPath, type Path, show, valueAt } from './mistake.ts';
import { alternativeOf, isMap, ownKeys, unwrap } from './parts.ts';
import { type Plan, planSchema } from './schema.ts';

/** The plan, or every mistake in its shape. `raw` is the value from YAML. */
export function checkShape(raw: unknown): { plan: Plan } | { findings: Finding[] } {
  const result = planSchema.safeParse(raw, { error: plainPhrase });
  if (result.success) return { plan: result.data };
  return { findings: withoutMisspelt(result.error.issues.flatMap((issue) => findingsOf(issue, [], raw))) };
}

/** A misspelt key is one mistake, though it counts as both an unknown key and a missing one. */
function withoutMisspelt(findings: readonly Finding[]): Finding[] {
  const meant = findings.flatMap(({ kind, path, suggestion }) =>
    kind === 'unknown key' && suggestion !== undefined
      ? [formatPath([...path.slice(0, -1), suggestion])]
      : [],
  );
  return findings.filter(({ kind, path }) => kind !== 'missing' || !meant.includes(formatPath(path)));
}

/** Default phrases where the schema has no text of its own. They complete "expected …". */
function plainPhrase(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_value') return `one of ${issue.values.join(', ')}`;
  if (issue.code !== 'invalid_type') return undefined;
  const words: Record<string, string> = {
    object: 'a map',
    record: 'a map',
    array: 'a list',
    string: 'a text',
  };
  return words[issue.expected] ?? `a ${issue.expected}`;
}

function findingsOf(issue: z.core.$ZodIssue, above: Path, raw: unknown): Finding[] {
  const path: Path = [...above, ...(issue.path as Path)];
  const value = valueAt(raw, path);
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, path, value);
  if (issue.code === 'invalid_union' && isMap(value)) return unionFindings(issue, path, raw, value);
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? issue.message;
    return [{ kind: 'wrong name', path, expected, found: show(path.at(-1)) }];
  }
  if (value === undefined) return [{ kind: 'missing', path, expected: issue.message }];

  const spelling =
    issue.code === 'invalid_value' && typeof value === 'string'
      ? closestSpelling(value, issue.values.map(String))
      : undefined;
  if (issue.code === 'custom' && issue.params?.wrong === 'name') {
    return [{ kind: 'wrong name', path, expected: issue.message, found: show(path.at(-1)) }];
  }
  return [
    { kind: 'wrong value', path, expected: issue.message, found: show(value, path), suggestion: spelling },
  ];
}

function unknownKeys(keys: readonly string[], path: Path, value: unknown): Finding[] {
  const schema = unwrap(schemaAt(path));
  if (!(schema instanceof z.ZodUnion) || !isMap(value)) return unknownAmong(keysOf(schema), keys, path);
  const meant = alternativeOf(schema, value);
  // The key of a second alternative is known, but it is one too many.
  return meant ? unknownAmong(keysOf(meant), keys, path) : [notOneOf(schema, path, value)];
}

function unknownAmong(allowed: readonly string[], keys: readonly string[], path: Path): Finding[] {
  return keys.map((key) => ({
    kind: 'unknown key',
    path: [...path, key],
    expected: allowed.length === 0 ? 'no key' : `one of ${allowed.join(', ')}`,
    found: show(key),
    suggestion: closestSpelling(key, allowed),
  }));
}

/** Zod reports why each alternative failed. The author meant the alternative whose own key is present. */
function unionFindings(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  raw: unknown,
  value: Record<string, unknown>,
): Finding[] {
  const union = unwrap(schemaAt(path));
  if (!(union instanceof z.ZodUnion))
    return [{ kind: 'wrong value', path, expected: issue.message, found: show(value) }];
  const meant = alternativeOf(union, value);
  if (meant !== undefined) {
    const ofMeant = issue.errors[union.options.indexOf(meant)] ?? [];
    return ofMeant.flatMap((each) => findingsOf(each, path, raw));
  }
  const allowed = keysOf(union);
  const unknown = Object.keys(value).filter((key) => !allowed.includes(key));
  const own = ownKeys(union).map(({ key }) => key);
  if (unknown.length === 0 || own.some((key) => Object.hasOwn(value, key)))
    return [notOneOf(union, path, value)];
  return unknownAmong(own, unknown, path);
}

function notOneOf(union: z.ZodUnion, path: Path, value: unknown): Finding {
  const own = ownKeys(union).map(({ key }) => key);
  const expected = `exactly one of ${own.slice(0, -1).join(', ')} and ${own.at(-1)}`;
  return { kind: 'wrong value', path, expected, found: show(value) };
}

function schemaAt(path: Path): unknown {
  return path.reduce<unknown>((schema, step) => childOf(schema, step), planSchema);
}

function childOf(schema: unknown, step: string | number): unknown {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return inner.shape[step];
  if (inner instanceof z.ZodRecord) return inner.valueType;
  if (inner instanceof z.ZodArray) return inner.element;
  if (inner instanceof z.ZodUnion)
    return inner.options.map((option) => childOf(option, step)).find((child) => child !== undefined);
  return undefined;
}

/** The keys that a schema knows; empty if it accepts no map, or a map of names. */
function keysOf(schema: unknown): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject)
    return Object.keys(inner.shape).filter((key) => !(unwrap(inner.shape[key]) instanceof z.ZodNever));
  if (inner instanceof z.ZodUnion) return [...new Set(inner.options.flatMap(keysOf))];
  return [];
}
