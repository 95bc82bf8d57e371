/** The data that a state receives, passes on, and keeps in variables. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A deep copy with only JSON values, so that no two states share an object. */
export function copyOf(value: unknown): Json {
  return JSON.parse(JSON.stringify(value));
}

/** The type name that Step Functions uses in its error messages. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
