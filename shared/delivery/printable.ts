/** As much of what a target says is shown. */
const SHOWN = 200;

/** What a target says, on one line, without anything that a terminal or a log would obey. */
export function printable(text: string): string {
  return text
    .replace(/[\p{C}\p{Z}\ufffd]+/gu, ' ')
    .trim()
    .slice(0, SHOWN);
}
