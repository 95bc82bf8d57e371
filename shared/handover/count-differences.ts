import type { RowHash } from '../database/engine.ts';

/** How many rows one of two tables has and the other has not. */
export interface RowDifferences {
  /** Only in the source. */
  readonly lacking: number;
  /** Only in the copy. */
  readonly extra: number;
  /** In both by their key, with other values. */
  readonly changed: number;
}

/** Hashes that arrive some at a time, in the order of key and row. */
export type OrderedHashes = AsyncIterable<readonly RowHash[]>;

/**
 * Counts how two tables differ while their hashes pass by. Holds one piece of each at a time, whatever the size of the tables.
 *
 * Rows of one key that differ count as changed. Without a key of the table a changed row is one row lacking and one extra.
 */
export async function countDifferences(source: OrderedHashes, copy: OrderedHashes): Promise<RowDifferences> {
  const [left, right] = [oneByOne(source), oneByOne(copy)];
  let [lacking, extra, changed] = [0, 0, 0];
  let [one, other] = await Promise.all([left(), right()]);
  while (one || other) {
    if (!other || (one && one.key < other.key)) {
      lacking += 1;
      one = await left();
    } else if (!one || other.key < one.key) {
      extra += 1;
      other = await right();
    } else {
      if (one.row !== other.row) changed += 1;
      [one, other] = await Promise.all([left(), right()]);
    }
  }
  return { lacking, extra, changed };
}

function oneByOne(pieces: OrderedHashes): () => Promise<RowHash | undefined> {
  const iterator = pieces[Symbol.asyncIterator]();
  let piece: readonly RowHash[] = [];
  let at = 0;
  return async () => {
    while (at >= piece.length) {
      const { done, value } = await iterator.next();
      if (done) return undefined;
      piece = value;
      at = 0;
    }
    return piece[at++];
  };
}
