import Table from 'cli-table3';
import type { Screen } from './screen.ts';

/** A table with a head, in the colours of the screen. Long cells are wrapped so that it fits a terminal. */
export function createTable({ paint }: Screen, head: readonly string[]): Table.Table {
  return new Table({
    head: head.map((title) => paint('bold', title)),
    style: { head: [], border: [], compact: true }, // cli-table3's own colours know nothing of NO_COLOR
  });
}
