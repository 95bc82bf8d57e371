const MOST = 20;
const LONGEST = 300;

/** Notices in few words, and how many more there are: a state machine passes on at most 256 KiB. */
export function shortNotices(notices: readonly string[]): string[] {
  const shown = notices
    .slice(0, MOST)
    .map((text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text));
  const more = notices.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more`] : shown;
}
