import { crc32 } from 'node:zlib';

/**
 * Computes the checksum that S3 keeps for an object that is uploaded in parts: the CRC32 of the parts' CRC32s, and their number.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export class UploadChecksum {
  readonly #partBytes: number;
  readonly #parts: number[] = [];
  #inPart = 0;
  #part = 0;
  #bytes = 0;

  constructor(partBytes: number) {
    this.#partBytes = partBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  update(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + this.#partBytes - this.#inPart);
      this.#part = crc32(piece, this.#part);
      this.#inPart += piece.length;
      this.#bytes += piece.length;
      at += piece.length;
      if (this.#inPart === this.#partBytes) this.#endPart();
    }
  }

  /** As S3 tells it: `kO8nSg==-3`. Ends the last part. */
  digest(): string {
    if (this.#inPart > 0) this.#endPart();
    const each = Buffer.alloc(4 * this.#parts.length);
    this.#parts.forEach((part, index) => {
      each.writeUInt32BE(part, 4 * index);
    });
    const whole = Buffer.alloc(4);
    whole.writeUInt32BE(crc32(each));
    return `${whole.toString('base64')}-${this.#parts.length}`;
  }

  #endPart(): void {
    this.#parts.push(this.#part);
    this.#part = 0;
    this.#inPart = 0;
  }
}
