import Table from 'cli-table3';
import type { Screen } from './screen.ts';

/** A table with a header, in the screen's colours. */
export function createTable({ paint }: Screen, head: readonly string[]): Table.Table {
  return new Table({
    head: head.map((title) => paint('bold', title)),
    style: { head: [], border: [], compact: true }, // cli-table3's own colours ignore NO_COLOR
  });
}

/** Wraps a text at this many characters; a longer word stays whole. */
export function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
