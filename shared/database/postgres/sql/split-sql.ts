/**
 * What stands in SQL as one piece, whatever characters are in it. The order counts: the first that fits is taken.
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 */
const PIECES = [
  /[eE]'(?:[^'\\]|\\.|'')*'/sy,
  /'(?:[^']|'')*'/sy,
  /"(?:[^"]|"")*"/sy,
  // A word before dollar quotes: a dollar sign inside a name quotes nothing.
  /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y,
  /\$((?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$.*?\$\1\$/sy,
  /--[^\n]*/y,
];

/** Splits SQL at a separator outside quotes, comments and parentheses. Parts are trimmed, empty ones left out. */
export function splitSql(sql: string, separator: ';' | ','): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { at, text, depth } of pieces(sql)) {
    if (text !== separator || depth > 0) continue;
    parts.push(sql.slice(from, at));
    from = at + 1;
  }
  return [...parts, sql.slice(from)].map((part) => part.trim()).filter((part) => part !== '');
}

/** What stands before, in and after the first parentheses of a statement; null if it has none. */
export function aroundParentheses(
  sql: string,
): { readonly before: string; readonly inside: string; readonly after: string } | null {
  let open: number | null = null;
  for (const { at, text, depth } of pieces(sql)) {
    if (text === '(' && depth === 0) open ??= at;
    if (text === ')' && depth === 0 && open !== null)
      return { before: sql.slice(0, open), inside: sql.slice(open + 1, at), after: sql.slice(at + 1) };
  }
  return null;
}

/** SQL without a word, wherever it is not part of a string, a quoted name or a comment. */
export function withoutWord(sql: string, word: string): string {
  let rest = '';
  for (const { text } of pieces(sql)) if (text !== word) rest += text;
  return rest;
}

interface Piece {
  readonly at: number;
  readonly text: string;
  /** Parentheses that are open around it. */
  readonly depth: number;
}

function* pieces(sql: string): Generator<Piece> {
  let depth = 0;
  for (let at = 0; at < sql.length; ) {
    const text = pieceAt(sql, at);
    if (text === ')') depth -= 1;
    yield { at, text, depth };
    if (text === '(') depth += 1;
    at += text.length;
  }
}

function pieceAt(sql: string, at: number): string {
  if (sql.startsWith('/*', at)) return commentAt(sql, at);
  for (const piece of PIECES) {
    piece.lastIndex = at;
    const found = piece.exec(sql);
    if (found) return found[0];
  }
  return sql.charAt(at);
}

/** Comments nest. */
function commentAt(sql: string, from: number): string {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = from;
  let open = 0;
  for (let mark = marks.exec(sql); mark; mark = marks.exec(sql)) {
    open += mark[0] === '/*' ? 1 : -1;
    if (open === 0) return sql.slice(from, marks.lastIndex);
  }
  return sql.slice(from);
}
