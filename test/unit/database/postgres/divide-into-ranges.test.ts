import { describe, expect, test } from 'vitest';
import {
  divideIntoRanges,
  type PagedTable,
  type Pages,
} from '../../../../shared/database/postgres/divide-into-ranges.ts';
import { ORDINARY_ROWS } from '../../../../shared/database/table.ts';
import { draws } from '../../backup/logical/draws.ts';

const PAGES = 16_384;
const table = (name: string, pages: number): PagedTable => ({
  schema: 'public',
  name,
  columns: ['id'],
  pages,
  bytes: pages * 8192,
  binaryCapable: true,
  ...ORDINARY_ROWS,
});

const ranges = (parts: (Pages & { part: number })[]) =>
  parts.toSorted((a, b) => a.part - b.part).map(({ fromPage, toPage }) => [fromPage, toPage]);

describe('divideIntoRanges', () => {
  test.each([
    [0, [[0, null]]],
    [1, [[0, null]]],
    [PAGES, [[0, null]]],
    [
      PAGES + 1,
      [
        [0, 8193],
        [8193, null],
      ],
    ],
    [
      2 * PAGES,
      [
        [0, PAGES],
        [PAGES, null],
      ],
    ],
    [
      2 * PAGES + 1,
      [
        [0, 10923],
        [10923, 21846],
        [21846, null],
      ],
    ],
  ])('divides %i pages into %j', (pages, expected) => {
    expect(ranges(divideIntoRanges([table('t', pages)], 180004))).toEqual(expected);
  });

  test('leaves no page out and none in two parts, and the end open for rows beyond it', () => {
    const draw = draws(11);
    for (let round = 0; round < 300; round += 1) {
      const pages = draw.number(2_000_000);
      const parts = ranges(divideIntoRanges([table('t', pages)], 180004));
      expect(parts[0]?.[0]).toBe(0);
      expect(parts.at(-1)?.[1]).toBeNull();
      for (const [index, [from]] of parts.entries())
        if (index > 0) expect(from, `${pages} pages`).toBe(parts[index - 1]?.[1]);
      for (const [from, to] of parts) expect((to ?? pages) - (from ?? 0)).toBeLessThanOrEqual(PAGES);
    }
  });

  test('numbers the parts of each table from 0, and puts the largest first', () => {
    const parts = divideIntoRanges(
      [table('small', 10), table('large', 4 * PAGES), table('middle', PAGES)],
      180004,
    );
    expect(parts.map((part) => `${part.table.name} ${part.part}`)).toEqual([
      'large 0',
      'large 1',
      'large 2',
      'large 3',
      'middle 0',
      'small 0',
    ]);
  });

  test('keeps a table whole before PostgreSQL 14, which would read it all for each part', () => {
    expect(ranges(divideIntoRanges([table('t', 9 * PAGES)], 139999))).toEqual([[0, null]]);
    expect(divideIntoRanges([table('t', 9 * PAGES)], 140000)).toHaveLength(9);
  });
});
