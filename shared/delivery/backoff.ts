const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;

/**
 * Milliseconds to wait after a failed attempt. They double with each attempt. A random part of up to half is taken off, so
 * that messages that failed together are not sent together again.
 *
 * @param attempt counted from 1
 * @param random from 0 to 1
 */
export function backoff(attempt: number, random: number): number {
  const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
  return longest * (0.5 + random / 2);
}
