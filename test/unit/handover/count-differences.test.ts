import { describe, expect, test } from 'vitest';
import type { RowHash } from '../../../shared/database/engine.ts';
import { countDifferences } from '../../../shared/handover/count-differences.ts';

/** Rows as `key:row`, some at a time. */
async function* pieces(rows: string, atOnce: number): AsyncGenerator<readonly RowHash[]> {
  const hashes = rows
    .split(' ')
    .filter(Boolean)
    .map((each) => each.split(':'))
    .map(([key = '', row = '']) => ({ key: BigInt(key), row: BigInt(row) }));
  for (let at = 0; at < hashes.length; at += atOnce) yield hashes.slice(at, at + atOnce);
  yield [];
}

describe.each([1, 2, 100])('what differs between two tables, read %d rows at a time', (atOnce) => {
  test.each([
    ['', '', [0, 0, 0]],
    ['1:1 2:2', '1:1 2:2', [0, 0, 0]],
    ['1:1 2:2 3:3', '1:1', [2, 0, 0]],
    ['', '1:1 2:2', [0, 2, 0]],
    ['1:1 2:2 3:3', '2:2 3:4 4:4', [1, 1, 1]],
    // Below zero, and beyond what a number of JavaScript holds apart.
    ['-5:1 9007199254740992:1', '-5:2 9007199254740993:1', [1, 1, 1]],
    // Equal rows of a table without a key.
    ['7:7 7:7 7:7', '7:7', [2, 0, 0]],
    ['7:7', '7:7 7:7 8:8', [0, 2, 0]],
  ])('%j against %j', async (source, copy, [lacking, extra, changed]) => {
    expect(await countDifferences(pieces(source, atOnce), pieces(copy, atOnce))).toEqual({
      lacking,
      extra,
      changed,
    });
  });
});
