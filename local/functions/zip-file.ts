import { crc32 } from 'node:zlib';

/** A ZIP archive of one file, stored as it is. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export function zipFile(name: string, text: string): Buffer {
  const [file, content] = [Buffer.from(name), Buffer.from(text)];
  const described = Buffer.alloc(26);
  described.writeUInt16LE(20, 0); // version needed
  described.writeUInt32LE(0x21 << 16, 6); // 1980-01-01
  described.writeUInt32LE(crc32(content), 10);
  described.writeUInt32LE(content.length, 14);
  described.writeUInt32LE(content.length, 18);
  described.writeUInt16LE(file.length, 22);

  const local = Buffer.concat([Buffer.from('PK\x03\x04'), described, file, content]);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE(0o100644 * 0x10000, 6);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), described, attributes, file]);

  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06'), end]);
}
