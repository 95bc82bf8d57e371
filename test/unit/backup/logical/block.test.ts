import { describe, expect, test } from 'vitest';
import {
  BLOCK_BYTES,
  BlockDamaged,
  type BlockPlace,
  openBlocks,
  sealBlocks,
} from '../../../../shared/backup/logical/block.ts';
import { draws } from './draws.ts';

const place: BlockPlace = {
  recoveryPoint: '20261005T020000Z-1f2e3d4c-a1b2c3d4',
  content: 'public.contacts',
  part: 0,
};

async function* from(...chunks: Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

async function seal(chunks: Buffer[], at: BlockPlace = place): Promise<Buffer[]> {
  return Array.fromAsync(sealBlocks(from(...chunks), at));
}

/** Everything that was given out before the end or the error. */
async function open(
  stored: AsyncIterable<Buffer>,
  at: BlockPlace = place,
): Promise<{ given: Buffer; error: unknown }> {
  const given: Buffer[] = [];
  try {
    for await (const raw of openBlocks(stored, at)) given.push(raw);
    return { given: Buffer.concat(given), error: null };
  } catch (error) {
    return { given: Buffer.concat(given), error };
  }
}

/** Gives the bytes in pieces, as a network does. */
async function* inPieces(bytes: Buffer, piece: () => number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + piece();
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** Three blocks of rows and the end, small enough to try much with: a chunk of BLOCK_BYTES closes its block. */
async function threeBlocks(at: BlockPlace = place) {
  const rows = [1, 2, 3].map((seed) => Buffer.alloc(BLOCK_BYTES, draws(seed).bytes(999)));
  const blocks = await seal(rows, at);
  expect(blocks).toHaveLength(4);
  return { rows, blocks };
}

function block(blocks: readonly Buffer[], index: number): Buffer {
  const found = blocks[index];
  if (!found) throw new RangeError(`no block ${index}`);
  return found;
}

describe('sealed blocks', () => {
  test('give back what went in, however it was cut', async () => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const draw = draws(seed);
      const raw = draw.bytes(draw.number(300_000));
      const put: Buffer[] = [];
      for (let at = 0; at < raw.length; ) {
        const end = at + 1 + draw.number(70_000);
        put.push(raw.subarray(at, end));
        at = end;
      }
      const stored = Buffer.concat(await seal(put));
      const { given, error } = await open(inPieces(stored, () => 1 + draw.number(9_000)));
      expect(error, `seed ${seed}`).toBeNull();
      expect(given.equals(raw), `seed ${seed}`).toBe(true);
    }
  });

  test('give back several blocks in order', async () => {
    const { rows, blocks } = await threeBlocks();
    const { given, error } = await open(from(...blocks));
    expect(error).toBeNull();
    expect(given.equals(Buffer.concat(rows))).toBe(true);
  });

  test('give back a byte at a time', async () => {
    const stored = Buffer.concat(await seal([Buffer.from('1\tAda\n')]));
    expect((await open(inPieces(stored, () => 1))).given.toString()).toBe('1\tAda\n');
  });

  test('of an empty table are the end alone', async () => {
    const blocks = await seal([]);
    expect(blocks).toHaveLength(1);
    expect(await open(from(...blocks))).toEqual({ given: Buffer.alloc(0), error: null });
  });

  test('of a chunk larger than any block are blocks that can be read back', async () => {
    const raw = Buffer.alloc(9 * BLOCK_BYTES + 1, draws(4).bytes(4_096));
    const { given, error } = await open(from(...(await seal([raw]))));
    expect(error).toBeNull();
    expect(given.equals(raw)).toBe(true);
  });

  test('hold no more than BLOCK_BYTES each, whatever the chunks', async () => {
    const chunks = [Buffer.alloc(BLOCK_BYTES - 1), Buffer.alloc(2 * BLOCK_BYTES), Buffer.alloc(0)];
    const blocks = await seal(chunks);
    expect(blocks.map((each) => each.readUInt32BE(9))).toEqual([
      BLOCK_BYTES,
      BLOCK_BYTES,
      BLOCK_BYTES - 1,
      0,
    ]);
  });
});

describe('damage', () => {
  test('of any one bit is found, and nothing of the block is given out', async () => {
    const stored = Buffer.concat(await seal([draws(5).bytes(600)]));
    for (let bit = 0; bit < stored.length * 8; bit += 1) {
      const flipped = Buffer.from(stored);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const { given, error } = await open(from(flipped));
      expect(error, `bit ${bit}`).toBeInstanceOf(BlockDamaged);
      // The rows' block itself is sound where the flip is in the end block.
      const inEnd = bit >> 3 >= stored.length - 57;
      expect(given.length, `bit ${bit}`).toBe(inEnd ? 600 : 0);
    }
  });

  test('of one bit far into a large block is found', async () => {
    const { rows, blocks } = await threeBlocks();
    const draw = draws(6);
    for (let round = 0; round < 40; round += 1) {
      const which = draw.number(3);
      const damaged = blocks.map((each) => Buffer.from(each));
      const at = draw.number(block(damaged, which).length);
      block(damaged, which)[at] = (block(damaged, which)[at] ?? 0) ^ (1 << draw.number(8));
      const { given, error } = await open(from(...damaged));
      expect(error, `block ${which}, byte ${at}`).toBeInstanceOf(BlockDamaged);
      expect(given.equals(Buffer.concat(rows.slice(0, which)))).toBe(true);
    }
  });

  test('by a cut is found at every byte of a small object', async () => {
    const stored = Buffer.concat(await seal([draws(7).bytes(90)]));
    for (let length = 0; length < stored.length; length += 1)
      expect((await open(from(stored.subarray(0, length)))).error, `${length} bytes`).toBeInstanceOf(
        BlockDamaged,
      );
  });

  test('by a cut at a border of blocks is found, after the whole blocks', async () => {
    const { rows, blocks } = await threeBlocks();
    for (let kept = 0; kept <= 3; kept += 1) {
      const { given, error } = await open(from(...blocks.slice(0, kept)));
      expect(error, `${kept} blocks`).toBeInstanceOf(BlockDamaged);
      expect((error as Error).message).toMatch(/ends before the end block/);
      expect(given.equals(Buffer.concat(rows.slice(0, kept)))).toBe(true);
    }
  });

  test.each([
    ['swapped', [1, 0, 2, 3], 0],
    ['swapped with the end', [0, 1, 3, 2], 2],
    ['repeated', [0, 1, 1, 2, 3], 2],
    ['dropped at the start', [1, 2, 3], 0],
    ['dropped in the middle', [0, 2, 3], 1],
    ['dropped before the end', [0, 1, 3], 2],
    ['of two objects in a row', [0, 1, 2, 3, 0, 1, 2, 3], 3],
    ['of two ends', [0, 1, 2, 3, 3], 3],
  ])('by blocks %s is found', async (_, order, whole) => {
    const { rows, blocks } = await threeBlocks();
    const { given, error } = await open(from(...order.map((index) => block(blocks, index))));
    expect(error).toBeInstanceOf(BlockDamaged);
    expect(given.equals(Buffer.concat(rows.slice(0, whole)))).toBe(true);
  });

  test.each([
    ['table', { ...place, content: 'public.campaigns' }],
    ['part', { ...place, part: 1 }],
    ['recovery point', { ...place, recoveryPoint: '20261006T020000Z-1f2e3d4c-a1b2c3d4' }],
  ])('by a block of another %s is found', async (_, elsewhere) => {
    const { rows, blocks } = await threeBlocks();
    const { blocks: others } = await threeBlocks(elsewhere);
    const mixed = [block(blocks, 0), block(others, 1), ...blocks.slice(2)];
    const { given, error } = await open(from(...mixed));
    expect(error).toBeInstanceOf(BlockDamaged);
    expect(given.equals(block(rows, 0))).toBe(true);
  });

  test('by a whole object of another place is found, even an empty one', async () => {
    const elsewhere = await seal([], { ...place, content: 'public.campaigns' });
    expect((await open(from(...elsewhere))).error).toBeInstanceOf(BlockDamaged);
  });

  test.each([
    ['in the same chunk', (stored: Buffer) => from(Buffer.concat([stored, Buffer.from('x')]))],
    ['in a later chunk', (stored: Buffer) => from(stored, Buffer.from('x'))],
  ])('by a byte after the end is found %s', async (_, follow) => {
    const stored = Buffer.concat(await seal([Buffer.from('row')]));
    const { error } = await open(follow(stored));
    expect((error as Error).message).toMatch(/bytes follow the end/);
  });

  test('by an impossible length is found without waiting for so many bytes', async () => {
    const stored = Buffer.concat(await seal([Buffer.from('row')]));
    stored.writeUInt32BE(0xffffffff, 13);
    async function* endless(): AsyncGenerator<Buffer> {
      yield stored;
      throw new Error('asked for more');
    }
    expect((await open(endless())).error).toBeInstanceOf(BlockDamaged);
  });

  test('says in which table, part and block', async () => {
    const { blocks } = await threeBlocks({ ...place, part: 7 });
    const { error } = await open(from(block(blocks, 0), block(blocks, 2)), { ...place, part: 7 });
    expect(error).toMatchObject({ name: 'BlockDamaged' });
    expect((error as Error).message).toBe('public.contacts, part 7, block 1: block 2 stands in its place');
  });

  test('is told apart from a stream that fails', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('LBK1');
      throw new Error('socket hang up');
    }
    expect((await open(broken())).error).toMatchObject({ name: 'Error', message: 'socket hang up' });
  });
});
