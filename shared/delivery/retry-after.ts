/** A target that asks for longer is asked again after this: a replay would sleep its whole time away. */
export const LONGEST_RETRY_AFTER = 5 * 60_000;

/**
 * IMF-fixdate, and the two older forms that a recipient must still read. `Date.parse` alone takes `1.5` for a day in January.
 * https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats
 */
const HTTP_DATE = /^[A-Z][a-z]{2,8},? [A-Za-z0-9 :-]{15,30}$/;

/**
 * The `Retry-After` of an answer: seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 *
 * @returns milliseconds from `now`, at most LONGEST_RETRY_AFTER; 0 for a date that is over; null for what is neither
 */
export function retryAfter(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null;
  const text = value.trim();
  const asked = /^[0-9]+$/.test(text) ? Number(text) * 1000 : untilDate(text, now);
  return Number.isNaN(asked) ? null : Math.min(LONGEST_RETRY_AFTER, Math.max(0, asked));
}

function untilDate(text: string, now: Date): number {
  if (!HTTP_DATE.test(text)) return Number.NaN;
  // The oldest form names no zone, and means GMT as the others do.
  return Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`) - now.getTime();
}
