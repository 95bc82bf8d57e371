import { LONGEST_TEXT, visible } from '../../shared/text/visible.ts';

/** What can be printed: a plain string is text from anywhere, and is made visible when it is printed. */
export type Text = string | number | Shown;

/**
 * Text that a terminal receives as it is: our own words, colours and line ends, and text from outside made visible. Only
 * this module and `paint` make one, so a print that forgets about text from outside is safe: it is escaped.
 */
export class Shown {
  /** With the escape sequences of its colours. */
  readonly ansi: string;
  /** Without them. */
  readonly plain: string;

  private constructor(ansi: string, plain: string) {
    this.ansi = ansi;
    this.plain = plain;
  }

  /** Keeps a text that is visible already. */
  static of(text: Text, longest = LONGEST_TEXT): Shown {
    if (text instanceof Shown) return text;
    const made = visible(String(text), longest);
    return new Shown(made, made);
  }

  /** Puts texts behind each other; `between` are words of our own. */
  static join(texts: readonly Text[], between = ''): Shown {
    const all = texts.map((text) => Shown.of(text));
    return new Shown(all.map(({ ansi }) => ansi).join(between), all.map(({ plain }) => plain).join(between));
  }

  /** Words of our own, line ends included: a literal of the program, or the frame of a table. */
  static own(words: string): Shown {
    return new Shown(words, words);
  }

  /** The same text with the colours that `color` adds. */
  painted(color: (ansi: string) => string): Shown {
    return new Shown(color(this.ansi), this.plain);
  }

  /** Without colours: a string is made visible again wherever it goes, and colours would become escapes. */
  toString(): string {
    return this.plain;
  }

  trimEnd(): Shown {
    return new Shown(this.ansi.trimEnd(), this.plain.trimEnd());
  }
}

/** Puts values into words of our own: each value is made visible, unless it is already. */
export function shown(words: TemplateStringsArray, ...values: readonly Text[]): Shown {
  return Shown.join(
    words.flatMap((each, at) => {
      const value = values[at];
      return value === undefined ? [Shown.own(each)] : [Shown.own(each), value];
    }),
  );
}

/** The longest quotation, in lines and in characters of a line. */
const QUOTED_LINES = 400;
const QUOTED_WIDTH = 4_000;

/**
 * A text of several lines from outside, each line behind a bar. No line of it can be taken for one of Lifeboat's own.
 */
export function quoted(text: string, indent = '  '): Shown {
  const lines = text.replace(/\r\n/g, '\n').split('\n');
  const kept = lines.slice(0, QUOTED_LINES);
  const more = lines.length - kept.length;
  return Shown.join(
    [
      ...kept.map((line) =>
        shown`${indent}│ ${Shown.of(line.replaceAll('\t', '    '), QUOTED_WIDTH)}`.trimEnd(),
      ),
      ...(more > 0 ? [shown`${indent}│ … and ${more.toLocaleString('en-US')} lines more`] : []),
    ],
    '\n',
  );
}
