import * as z from 'zod';
import { closestSpelling, type Finding, formatPath, type Path, show } from './mistake.ts';
import { type Plan, planSchema } from './schema.ts';

/** The plan, or everything about its shape that is wrong. `raw` is the value as YAML gives it. */
export function checkShape(raw: unknown): { plan: Plan } | { findings: Finding[] } {
  const result = planSchema.safeParse(raw, { error: plainPhrase });
  if (result.success) return { plan: result.data };
  return { findings: withoutMisspelt(result.error.issues.flatMap((issue) => findingsOf(issue, [], raw))) };
}

/** A misspelt key is one mistake, though it is both a key too many and a key too few. */
function withoutMisspelt(findings: readonly Finding[]): Finding[] {
  const meant = findings.flatMap(({ kind, path, suggestion }) =>
    kind === 'unknown key' && suggestion !== undefined
      ? [formatPath([...path.slice(0, -1), suggestion])]
      : [],
  );
  return findings.filter(({ kind, path }) => kind !== 'missing' || !meant.includes(formatPath(path)));
}

/** Phrases for what the schema has no own words for. They complete "expected …". */
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
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, path);
  if (issue.code === 'invalid_union' && isMap(value)) return unionFindings(issue, path, raw, value);
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

function unknownKeys(keys: readonly string[], path: Path): Finding[] {
  const allowed = keysAllowedAt(path);
  return keys.map((key) => ({
    kind: 'unknown key',
    path: [...path, key],
    expected: `one of ${allowed.join(', ')}`,
    found: show(key),
    suggestion: closestSpelling(key, allowed),
  }));
}

/** Zod says of each alternative why it failed; the author meant the one whose key was written. */
function unionFindings(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
  raw: unknown,
  value: Record<string, unknown>,
): Finding[] {
  const allowed = keysAllowedAt(path);
  const unknown = Object.keys(value).filter((key) => !allowed.includes(key));
  const [meant, ...more] = Object.keys(value).filter((key) => allowed.includes(key));
  if (allowed.length === 0 || more.length > 0 || (meant === undefined && unknown.length === 0)) {
    return [{ kind: 'wrong value', path, expected: issue.message, found: show(value) }];
  }
  const isOfMeant = (each: z.core.$ZodIssue) => meant !== undefined && each.path[0] === meant;
  const ofMeant = issue.errors.find((issues) => issues.some(isOfMeant))?.filter(isOfMeant) ?? [];
  return [...unknownKeys(unknown, path), ...ofMeant.flatMap((each) => findingsOf(each, path, raw))];
}

/** The keys that the schema knows at a path; none where it wants no map, or a map of names. */
function keysAllowedAt(path: Path): string[] {
  return keysOf(path.reduce<unknown>((schema, step) => childOf(schema, step), planSchema));
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

function keysOf(schema: unknown): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return Object.keys(inner.shape);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap(keysOf);
  return [];
}

function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap());
  return schema;
}

function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)];
    return isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, raw);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
