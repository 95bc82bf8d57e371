import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** The zip of the function that plays scripts: one file, stored without compression (APPNOTE.TXT 6.3, 4.3.7 to 4.3.16). */
export function deploymentPackage(): Uint8Array {
  return zipOf('index.mjs', readFileSync(new URL('./play-script.mjs', import.meta.url)));
}

function zipOf(name: string, content: Buffer): Uint8Array {
  // version 1.0, no flags, stored, 1 January 1980, checksum, both sizes, length of the name, no extra field
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(10, 0);
  shared.writeUInt16LE(0x21, 8);
  shared.writeUInt32LE(crc32(content), 10);
  shared.writeUInt32LE(content.length, 14);
  shared.writeUInt32LE(content.length, 18);
  shared.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, Buffer.from(name), content]);

  // made on Unix, so that the mode 0644 in the external attributes counts; its local header is at offset 0
  const madeBy = Buffer.from([10, 3]);
  const place = Buffer.alloc(14);
  place.writeUInt32LE((0o100644 << 16) >>> 0, 6);
  const directory = Buffer.concat([Buffer.from('PK\x01\x02'), madeBy, shared, place, Buffer.from(name)]);

  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, directory, Buffer.from('PK\x05\x06'), end]);
}
