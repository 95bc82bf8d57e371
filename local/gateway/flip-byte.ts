import { Transform } from 'node:stream';

/** Flips the lowest bit of one byte of the stream. A shorter body passes unchanged. */
export function flipByteAt(position: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const at = position - passed;
      passed += chunk.length;
      if (at < 0 || at >= chunk.length) return done(null, chunk);
      const changed = Buffer.from(chunk);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      done(null, changed);
    },
  });
}
