import { z } from 'zod';

/** RFC 3339 with an uppercase T, and an uppercase Z where there is no offset (spec, "Timestamps"). */
const SHAPE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

export const timestamp = z.string().regex(SHAPE, 'is no RFC 3339 timestamp');

/** Milliseconds since the epoch, or nothing if the text is not a timestamp. */
export function millisecondsOf(text: string): number | undefined {
  const at = SHAPE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
