/** As long as what the functions show of a text from outside (shared/text/visible.ts). */
const LONGEST_TEXT = 2_000;

/**
 * What controls a terminal, starts a line or hides: control characters, bidirectional marks, zero-width characters, line
 * separators and fillers. Halves of pairs belong to it, because tags beyond U+FFFF hide too, and JSONata's regular
 * expressions may see no more than halves. So emoji are lost.
 */
const INVISIBLE = String.raw`[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb]`;

/**
 * An expression that may call `$visible(text)` for text from outside that a person reads, and that no function has made
 * visible: it comes out on one line, of bounded length, with a mark in place of each character that cannot be seen.
 */
export function withVisible(expression: string): string {
  const cut = `$length($text) > ${LONGEST_TEXT} ? $substring($text, 0, ${LONGEST_TEXT}) & '…' : $text`;
  return `($visible := function($text) { $replace(${cut}, /${INVISIBLE}/, '\uFFFD') }; ${expression})`;
}
