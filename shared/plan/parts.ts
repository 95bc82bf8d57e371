import * as z from 'zod';

/** The valid parts of a value that may be wrong elsewhere. Any part may be missing. */
export type Parts<T> = T extends number | string | boolean | null | undefined
  ? T
  : T extends readonly (infer Element)[]
    ? readonly (Parts<Element> | undefined)[]
    : { readonly [Key in keyof T]?: Parts<T[Key]> | undefined };

/**
 * Parses as much of `raw` as the schema accepts. A refused part becomes undefined, and its neighbours stay.
 * Entries of a map keep their names, and elements of a list their positions.
 */
export function readParts(schema: z.ZodType, raw: unknown): unknown {
  const whole = schema.safeParse(raw);
  if (whole.success) return whole.data;
  const inner = unwrap(schema);
  if (inner instanceof z.ZodArray && Array.isArray(raw))
    return raw.map((element) => readParts(inner.element as z.ZodType, element));
  if (!isMap(raw)) return undefined;
  if (inner instanceof z.ZodRecord)
    return mapValues(raw, (value) => readParts(inner.valueType as z.ZodType, value));
  if (inner instanceof z.ZodObject)
    return mapValues(inner.shape as Record<string, z.ZodType>, (part, key) =>
      readParts(part, Object.hasOwn(raw, key) ? raw[key] : undefined),
    );
  const meant = inner instanceof z.ZodUnion ? alternativeOf(inner, raw) : undefined;
  return meant && readParts(meant, raw);
}

/** The alternative of a union whose own key is in the map; undefined if there is none, or more than one. */
export function alternativeOf(union: z.ZodUnion, value: Record<string, unknown>): z.ZodObject | undefined {
  const written = ownKeys(union).filter(({ key }) => Object.hasOwn(value, key));
  return written.length === 1 ? written[0]?.alternative : undefined;
}

/** The keys that only one alternative of a union has, and must have. Each of them identifies its alternative. */
export function ownKeys(union: z.ZodUnion): { key: string; alternative: z.ZodObject }[] {
  const alternatives = union.options.map(unwrap).filter((option) => option instanceof z.ZodObject);
  const all = alternatives.flatMap((alternative) =>
    Object.keys(alternative.shape).map((key) => ({ key, alternative })),
  );
  return all.filter(
    ({ key, alternative }) =>
      unwrap(alternative.shape[key]) === alternative.shape[key] &&
      all.filter((each) => each.key === key).length === 1,
  );
}

/** The schema without its optional and default wrappers. */
export function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return unwrap(schema.unwrap());
  return schema;
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapValues<Value, Result>(
  map: Record<string, Value>,
  change: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));
}
