import Table from 'cli-table3';
import type { Screen } from './screen.ts';
import { Shown, type Text } from './shown.ts';
import { widthOf } from './width.ts';

/** A cell: one text, or the lines of one. Numbers are aligned to the right. */
export type Cell = Text | readonly Text[];

/** A table that grows row by row, and is printed as one text. */
export interface ScreenTable {
  push(...rows: readonly (readonly Cell[])[]): void;
  shown(): Shown;
}

/** A cell is a summary: what is longer stands whole in the evidence and in --json. */
const LONGEST_CELL = 600;

/** No column is made narrower than a short word. */
const NARROWEST = 8;

/**
 * A table with a header, in the screen's colours. On a terminal its widest columns wrap until it fits; in a pipe or a log
 * each row stays on one line, for programs that read lines.
 */
export function createTable(screen: Screen, head: readonly Text[]): ScreenTable {
  const rows: (readonly Cell[])[] = [];
  return {
    push: (...more) => void rows.push(...more),
    shown() {
      const titles = head.map((title) => screen.paint('bold', title));
      const cells = rows.map((row) => row.map(cellOf));
      const widths = head.map((_, at) =>
        Math.max(...[...cells, titles].map((row) => widestLine(row[at]?.plain ?? '')), 0),
      );
      const fitting = screen.columns === null ? null : narrowed(widths, screen.columns);
      const within = (column: number, ansi: string) =>
        fitting ? withoutLongWords(ansi, fitting[column] ?? 0) : ansi;
      const table = new Table({
        head: titles.map(({ ansi }, column) => within(column, ansi)),
        style: { head: [], border: [], compact: true }, // cli-table3's own colours ignore NO_COLOR
        ...(fitting && { colWidths: fitting.map((width) => width + 2), wordWrap: true }),
      });
      rows.forEach((row, at) => {
        table.push(
          (cells[at] ?? []).map(({ ansi }, column) => ({
            content: within(column, ansi),
            hAlign: isNumber(row[column]) ? ('right' as const) : ('left' as const),
          })),
        );
      });
      return Shown.own(table.toString());
    },
  };
}

/** Wraps a text into lines of this many columns; a longer word stays whole. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Makes the widest columns narrower until all of them fit; borders and spaces take three columns for each. */
export function narrowed(widths: readonly number[], columns: number): number[] {
  const fitting = [...widths];
  const total = () => fitting.reduce((sum, width) => sum + width + 3, 1);
  while (total() > columns) {
    const widest = Math.max(...fitting);
    if (widest <= NARROWEST) break;
    fitting[fitting.indexOf(widest)] = widest - 1;
  }
  return fitting;
}

const isNumber = (cell: Cell | undefined) =>
  typeof cell === 'number' || (typeof cell === 'string' && /^\d[\d,]*$/.test(cell));

function cellOf(cell: Cell): Shown {
  if (typeof cell === 'number') return Shown.of(cell.toLocaleString('en-US'));
  if (typeof cell === 'string' || cell instanceof Shown) return Shown.of(cell, LONGEST_CELL);
  return Shown.join(
    cell.map((line) => Shown.of(line, LONGEST_CELL)),
    '\n',
  );
}

function widestLine(text: string): number {
  return Math.max(...text.split('\n').map(widthOf));
}

/** cli-table3 wraps between words and cuts a longer one: an id or an address must stay whole, over several lines. */
function withoutLongWords(text: string, width: number): string {
  return text
    .split(/([ \n])/)
    .map((word) => (word.length > width && widthOf(word) > width ? chunks(word, width) : word))
    .join('');
}

/** A colour, which takes no column and must not be cut in two, or one character. */
const COLOUR_OR_CHARACTER = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m|.`, 'gsu');

function chunks(word: string, width: number): string {
  const parts = [''];
  for (const [character] of word.matchAll(COLOUR_OR_CHARACTER)) {
    const last = parts.length - 1;
    if (widthOf(parts[last] + character) > width) parts.push(character);
    else parts[last] += character;
  }
  return parts.join('\n');
}
