declare const visibleBrand: unique symbol;

/**
 * Text in which every character can be seen, on one line and of bounded length. Text from outside becomes one by `visible`,
 * and only by it, before a person reads it.
 */
export type VisibleText = string & { readonly [visibleBrand]: true };

/** Long enough for the message of a database or a service; a terminal still shows it on one page. */
export const LONGEST_TEXT = 2_000;

/**
 * What a terminal, a mail reader or an editor obeys or hides: control characters (C0, DEL, C1), bidirectional overrides and
 * isolates, zero-width characters, line and paragraph separators, lone surrogates, tags and fillers. Variation selectors
 * stay, because emoji are written with them. Trojan Source: https://trojansource.codes, CVE-2021-42574; for terminals
 * CVE-2021-25743 (kubectl).
 */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?![\uFE00-\uFE0F\u{E0100}-\u{E01EF}])\p{Default_Ignorable_Code_Point}/gu;

/** More marks than any language stacks on one letter would be drawn over the lines above. */
const STACKED_MARKS = /(?<=\p{M}{4})\p{M}+/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Makes text from outside visible: what would control a terminal, hide or start a line is written as an escape of
 * JavaScript (`\n`, `\x1b`, `\u202e`). A text that is too long is cut, with its whole length behind it.
 *
 * Never throws, and takes no longer for a text of megabytes: only what is kept is read.
 */
export function visible(text: string, longest = LONGEST_TEXT): VisibleText {
  const cut = text.length > longest;
  const kept = cut ? text.slice(0, longest) : text;
  const shown = kept.replace(STACKED_MARKS, '…').replace(INVISIBLE, escaped);
  return (cut ? `${shown}… (${text.length.toLocaleString('en-US')} characters)` : shown) as VisibleText;
}

/**
 * JSON of a value, indented, with the true value in it. What JSON leaves as it is and a terminal obeys is escaped too, which
 * every reader of JSON undoes.
 */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(INVISIBLE, (character) =>
    character === '\n' ? character : unitsOf(character),
  );
}

function escaped(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 5)}}`;
}

function unitsOf(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${hex(character.charCodeAt(at), 4)}`).join(
    '',
  );
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
