/**
 * Finds where a statement ends, as psql does: not at a semicolon inside quotes, dollar quotes, comments, parentheses or the body
 * of a SQL function.
 *
 * The rules are those of psql's own scanner, for servers with standard_conforming_strings on:
 * https://github.com/postgres/postgres/blob/master/src/fe_utils/psqlscan.l
 */
export class StatementScanner {
  #text = '';
  #outline = '';
  #inside: Inside = { kind: 'nothing' };
  #parentheses = 0;
  /** BEGIN ATOMIC and CASE that wait for their END. */
  #begins = 0;

  /** Whether a line that begins now is inside a statement, a quote or a comment. */
  get isInside(): boolean {
    return this.#inside.kind !== 'nothing' || this.#outline.trim() !== '';
  }

  /** What a file ended in the middle of, in words; undefined if of nothing that has to be closed. */
  get unclosed(): string | undefined {
    if (this.#inside.kind !== 'nothing') return NAMES[this.#inside.kind];
    return this.#parentheses > 0 ? 'parentheses' : this.#begins > 0 ? 'a BEGIN ATOMIC body' : undefined;
  }

  /** Takes text and returns the statements that end in it. */
  take(text: string): Statement[] {
    const ended: Statement[] = [];
    let at = 0;
    while (at < text.length) {
      const step = this.#step(text, at);
      this.#text += text.slice(at, at + step.length);
      this.#outline += step.outline;
      at += step.length;
      if (step.outline === ';' && this.#parentheses === 0 && this.#begins === 0) ended.push(this.#end());
    }
    return ended;
  }

  /** The statement that the file ends with, where its semicolon is missing. */
  rest(): Statement | undefined {
    return this.#outline.trim() === '' ? undefined : this.#end();
  }

  #end(): Statement {
    const statement = { text: this.#text.trim(), outline: this.#outline.trim() };
    this.#text = '';
    this.#outline = '';
    this.#parentheses = 0;
    this.#begins = 0;
    return statement;
  }

  /** How much of the text belongs together from here, and what of it shows the statement's structure. */
  #step(text: string, at: number): { length: number; outline: string } {
    if (this.#inside.kind !== 'nothing') return this.#stepInside(text, at, this.#inside);
    const rest = text.slice(at, at + 66);
    const [word] = /^[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*/.exec(rest) ?? [];
    const [opening] = /^(?:--|\/\*|[eE]'|'|"|\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$)/.exec(rest) ?? [];
    if (opening) {
      this.#inside = insideOf(opening);
      return {
        length: opening.length,
        outline: opening === '--' || opening === '/*' ? ' ' : opening === '"' ? '"' : "'",
      };
    }
    if (word) {
      this.#countBlocks(word.toUpperCase());
      return { length: word.length, outline: word };
    }
    const [number] = /^\d[\w$.]*/.exec(rest) ?? [];
    if (number) return { length: number.length, outline: number };
    const character = text[at] ?? '';
    if (character === '(') this.#parentheses++;
    if (character === ')' && this.#parentheses > 0) this.#parentheses--;
    return { length: 1, outline: character };
  }

  #stepInside(
    text: string,
    at: number,
    inside: Exclude<Inside, { kind: 'nothing' }>,
  ): { length: number; outline: string } {
    const leave = (length: number, outline = '') => {
      this.#inside = { kind: 'nothing' };
      return { length, outline };
    };
    if (inside.kind === 'line comment') {
      const end = text.indexOf('\n', at);
      return end < 0 ? { length: text.length - at, outline: '' } : leave(end - at + 1, '\n');
    }
    if (inside.kind === 'dollar quote') {
      const end = text.indexOf(inside.tag, at);
      // The tag may begin at the end of this piece: pieces are whole lines, and a tag has no line break.
      return end < 0 ? { length: text.length - at, outline: '' } : leave(end - at + inside.tag.length, "'");
    }
    if (inside.kind === 'comment') {
      if (text.startsWith('/*', at)) this.#inside = { ...inside, depth: inside.depth + 1 };
      else if (text.startsWith('*/', at)) {
        if (inside.depth === 1) return leave(2);
        this.#inside = { ...inside, depth: inside.depth - 1 };
      } else return { length: 1, outline: '' };
      return { length: 2, outline: '' };
    }
    const { quote } = inside;
    if (inside.kind === 'escape string' && text[at] === '\\')
      return { length: Math.min(2, text.length - at), outline: '' };
    if (text[at] !== quote) return { length: 1, outline: '' };
    // A doubled quote stands for itself.
    if (text[at + 1] === quote) return { length: 2, outline: '' };
    return leave(1, quote);
  }

  /** In the body of a SQL function semicolons do not end the statement. */
  #countBlocks(word: string): void {
    if (
      this.#parentheses > 0 ||
      !/^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b/i.test(this.#outline)
    )
      return;
    if (word === 'BEGIN' || (word === 'CASE' && this.#begins > 0)) this.#begins++;
    if (word === 'END' && this.#begins > 0) this.#begins--;
  }
}

/** One statement of a script. */
export interface Statement {
  readonly text: string;
  /** The text without comments and without what is quoted: what a decision about the statement may look at. */
  readonly outline: string;
}

type Inside =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'line comment' }
  | { readonly kind: 'comment'; readonly depth: number }
  | { readonly kind: 'string' | 'escape string' | 'quoted name'; readonly quote: string }
  | { readonly kind: 'dollar quote'; readonly tag: string };

const NAMES: Readonly<Record<Exclude<Inside['kind'], 'nothing'>, string | undefined>> = {
  'line comment': undefined,
  comment: 'a comment (/* … */)',
  string: "a string ('…')",
  'escape string': "a string (E'…')",
  'quoted name': 'a quoted name ("…")',
  'dollar quote': 'a dollar-quoted string ($…$)',
};

function insideOf(opening: string): Inside {
  if (opening === '--') return { kind: 'line comment' };
  if (opening === '/*') return { kind: 'comment', depth: 1 };
  if (opening === '"') return { kind: 'quoted name', quote: '"' };
  if (opening === "'") return { kind: 'string', quote: "'" };
  return opening.endsWith("'")
    ? { kind: 'escape string', quote: "'" }
    : { kind: 'dollar quote', tag: opening };
}
