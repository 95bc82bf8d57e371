import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { LifeboatError } from '../../errors/lifeboat-error.ts';

/**
 * The format of a stored row object: blocks of COPY data of some megabytes, and an end block with the totals. Each block is
 * compressed on its own. A sha256 binds it to its index and to the place it was written for (recovery point, table, part).
 * A cut object lacks its end. A flipped byte or a block of another table, part or recovery point breaks the seal. Both are
 * found before a row of the block is loaded.
 *
 *   "LBK1" · kind (1 = rows, 2 = end) · index u32 · rawBytes u32 · storedBytes u32 · seal[32] · stored bytes
 */
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
const MAGIC = Buffer.from('LBK1');
const HEAD_BYTES = 4 + 1 + 4 + 4 + 4 + 32;
const ROWS = 1;
const END = 2;

/** Raw bytes of a full block. Bigger gains little compression and costs memory in each worker. */
export const BLOCK_BYTES = 4 * 1024 * 1024;

/** The place a block belongs to. Any other place makes its seal wrong. */
export interface BlockPlace {
  readonly recoveryPoint: string;
  /** `schema.table`, or another name of what is stored. */
  readonly content: string;
  readonly part: number;
}

/** A stored object does not hold what was written: cut, altered, or not this object. */
export class BlockDamaged extends LifeboatError {
  override readonly name = 'BlockDamaged';
  override readonly kind = 'damaged';
}

/** Turns COPY data into sealed blocks and ends them with the end block. Yields whole blocks, ready to be stored. */
export async function* sealBlocks(raw: AsyncIterable<Buffer>, place: BlockPlace): AsyncGenerator<Buffer> {
  let index = 0;
  let total = 0n;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<Buffer> => {
    const body = Buffer.concat(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
    total += BigInt(body.length);
    // Level 1: the higher ones cost CPU and gain nothing on rows of mixed text (measured: docs/decisions/0001).
    const stored = await compress(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    return frame(place, ROWS, index++, body.length, stored);
  };
  for await (const chunk of raw) {
    // A chunk may be larger than a block, but the writer must not write a block that a reader refuses as too
    // long.
    for (let rest = chunk; rest.length > 0; ) {
      const taken = rest.subarray(0, BLOCK_BYTES - waitingBytes);
      rest = rest.subarray(taken.length);
      waiting.push(taken);
      waitingBytes += taken.length;
      if (waitingBytes === BLOCK_BYTES) yield await flush();
    }
  }
  if (waitingBytes > 0) yield await flush();
  const totals = Buffer.alloc(8);
  totals.writeBigUInt64BE(total);
  yield frame(place, END, index, 0, totals);
}

/**
 * Reads sealed blocks back and yields their raw data. Each block is verified before any of its bytes are
 * returned.
 *
 * @throws BlockDamaged where a byte, a block or the end differs from what was written for this place
 */
export async function* openBlocks(stored: AsyncIterable<Buffer>, place: BlockPlace): AsyncGenerator<Buffer> {
  // Chunks wait until enough bytes are there, so that each is copied into its block only once.
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let wanted = HEAD_BYTES;
  let index = 0;
  let total = 0n;
  let ended = false;
  for await (const chunk of stored) {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes < wanted) continue;
    let held = Buffer.concat(waiting, waitingBytes);
    for (;;) {
      if (ended && held.length > 0) throw damaged(place, index, 'bytes follow the end');
      wanted = ended ? 1 : HEAD_BYTES;
      if (held.length < wanted) break;
      const head = readHead(held, place, index);
      wanted = HEAD_BYTES + head.storedBytes;
      if (held.length < wanted) break;
      const body = held.subarray(HEAD_BYTES, wanted);
      held = held.subarray(wanted);
      if (!seal(place, head.kind, index, head.rawBytes, body).equals(head.seal))
        throw damaged(place, index, 'its seal does not fit its bytes and place');
      if (head.kind === END) {
        if (body.readBigUInt64BE() !== total) throw damaged(place, index, 'the total at the end differs');
        ended = true;
        continue;
      }
      const raw = await decompress(body, { maxOutputLength: head.rawBytes });
      if (raw.length !== head.rawBytes) throw damaged(place, index, 'it unpacks to another length');
      total += BigInt(raw.length);
      index += 1;
      yield raw;
    }
    waiting = [held];
    waitingBytes = held.length;
  }
  if (!ended) throw damaged(place, index, 'the object ends before the end block');
}

interface Head {
  readonly kind: number;
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly seal: Buffer;
}

function readHead(bytes: Buffer, place: BlockPlace, index: number): Head {
  if (!bytes.subarray(0, 4).equals(MAGIC)) throw damaged(place, index, 'it does not begin as a block');
  const kind = bytes.readUInt8(4);
  const storedIndex = bytes.readUInt32BE(5);
  const rawBytes = bytes.readUInt32BE(9);
  const storedBytes = bytes.readUInt32BE(13);
  if (kind !== ROWS && kind !== END) throw damaged(place, index, `its kind ${kind} is unknown`);
  if (storedIndex !== index) throw damaged(place, index, `block ${storedIndex} stands in its place`);
  // A flipped length must not make the reader wait for, or allocate, bytes that were never written.
  if (rawBytes > 8 * BLOCK_BYTES || storedBytes > 9 * BLOCK_BYTES)
    throw damaged(place, index, 'its length is impossible');
  if (kind === END && storedBytes !== 8) throw damaged(place, index, 'the end has a wrong length');
  return { kind, rawBytes, storedBytes, seal: Buffer.from(bytes.subarray(17, HEAD_BYTES)) };
}

function frame(place: BlockPlace, kind: number, index: number, rawBytes: number, stored: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt8(kind, 4);
  head.writeUInt32BE(index, 5);
  head.writeUInt32BE(rawBytes, 9);
  head.writeUInt32BE(stored.length, 13);
  seal(place, kind, index, rawBytes, stored).copy(head, 17);
  return Buffer.concat([head, stored]);
}

/** The lengths of the parts are hashed with them, so that no two places read the same. */
function seal(place: BlockPlace, kind: number, index: number, rawBytes: number, stored: Buffer): Buffer {
  return createHash('sha256')
    .update(
      JSON.stringify([place.recoveryPoint, place.content, place.part, kind, index, rawBytes, stored.length]),
    )
    .update(stored)
    .digest();
}

function damaged(place: BlockPlace, index: number, problem: string): BlockDamaged {
  return new BlockDamaged(`${place.content}, part ${place.part}, block ${index}: ${problem}`);
}
