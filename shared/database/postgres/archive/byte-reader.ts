import { LifeboatError } from '../../../errors/lifeboat-error.ts';

/** The bytes are not an archive of pg_dump that can be read here. */
export class ArchiveUnreadable extends LifeboatError {
  override readonly name = 'ArchiveUnreadable';
  override readonly kind = 'damaged';
}

/** Reads the values of an archive one after the other. @throws ArchiveUnreadable where the bytes end early */
export interface ByteReader {
  /** Bytes read so far. */
  readonly at: number;
  readonly length: number;
  byte(): number;
  skip(bytes: number): void;
  /** A sign and four bytes, the least significant first. */
  int(): number;
  /** A length and that many bytes of UTF-8. A length of -1 is null. */
  text(): string | null;
}

/** Function bodies and comments must not change, so a byte that is not UTF-8 is refused instead of replaced. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function byteReader(bytes: Buffer): ByteReader {
  let at = 0;
  const take = (count: number): Buffer => {
    if (count < 0 || at + count > bytes.length)
      throw new ArchiveUnreadable(
        `the archive of the schema ends early: ${count} bytes expected at byte ${at} of ${bytes.length}`,
      );
    at += count;
    return bytes.subarray(at - count, at);
  };
  const int = (): number => {
    const sign = take(1)[0];
    const value = take(4).readUInt32LE();
    return sign === 0 ? value : -value;
  };
  return {
    get at() {
      return at;
    },
    length: bytes.length,
    byte: () => take(1).readUInt8(),
    skip(count) {
      take(count);
    },
    int,
    text() {
      const length = int();
      if (length === -1) return null;
      const from = at;
      try {
        return utf8.decode(take(length));
      } catch (cause) {
        if (cause instanceof ArchiveUnreadable) throw cause;
        throw new ArchiveUnreadable(
          `the archive of the schema holds text at byte ${from} that is not UTF-8`,
          {
            cause,
          },
        );
      }
    },
  };
}
