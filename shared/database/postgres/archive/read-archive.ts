import { ArchiveUnreadable, type ByteReader, byteReader } from './byte-reader.ts';
import type { Archive, Entry, Section } from './entry.ts';

const MAGIC = 'PGDMP';
/** Archive versions of pg_dump 12 to 18. Another one may hold other fields, so it is refused. */
const VERSIONS = { oldest: 14, newest: 16 };
const FORMAT_CUSTOM = 1;
const SECTIONS: readonly (Section | undefined)[] = [undefined, 'none', 'pre-data', 'data', 'post-data'];

/**
 * Reads the table of contents of an archive that `pg_dump --format=custom` wrote.
 *
 * The format is documented by its writer alone:
 * https://github.com/postgres/postgres/blob/REL_18_STABLE/src/bin/pg_dump/pg_backup_archiver.c (WriteHead, WriteToc)
 *
 * @throws ArchiveUnreadable
 */
export function readArchive(bytes: Buffer): Archive {
  const { serverVersion, dumpVersion, entries } = readWithPlaces(bytes);
  return { serverVersion, dumpVersion, entries: entries.map(({ entry }) => entry) };
}

/**
 * The same archive with some of its entries only, in their order. What is kept stays as pg_dump wrote it.
 *
 * @throws ArchiveUnreadable
 */
export function keepEntries(bytes: Buffer, isKept: (entry: Entry) => boolean): Buffer {
  const { countAt, contentFrom, contentTo, entries } = readWithPlaces(bytes);
  const kept = entries.filter(({ entry }) => isKept(entry));
  const count = Buffer.alloc(contentFrom - countAt);
  count.writeUInt32LE(kept.length, 1);
  return Buffer.concat([
    bytes.subarray(0, countAt),
    count,
    ...kept.map(({ from, to }) => bytes.subarray(from, to)),
    bytes.subarray(contentTo),
  ]);
}

interface WithPlaces extends Pick<Archive, 'serverVersion' | 'dumpVersion'> {
  readonly countAt: number;
  readonly contentFrom: number;
  readonly contentTo: number;
  /** Each with its first byte, and the first one after it. */
  readonly entries: readonly { readonly entry: Entry; readonly from: number; readonly to: number }[];
}

function readWithPlaces(bytes: Buffer): WithPlaces {
  const reader = byteReader(bytes);
  const { minor, offsetBytes } = readHead(reader);
  for (let field = 0; field < 7; field += 1) reader.int(); // when it was written
  reader.text(); // the database's name
  const serverVersion = reader.text() ?? '';
  const dumpVersion = reader.text() ?? '';
  const countAt = reader.at;
  const count = reader.int();
  const contentFrom = reader.at;
  const entries: { entry: Entry; from: number; to: number }[] = [];
  for (let n = 0; n < count; n += 1) {
    const from = reader.at;
    entries.push({ entry: readEntry(reader, minor, offsetBytes), from, to: reader.at });
  }
  return { serverVersion, dumpVersion, countAt, contentFrom, contentTo: reader.at, entries };
}

function readHead(reader: ByteReader): { minor: number; offsetBytes: number } {
  const magic = Array.from(MAGIC, () => String.fromCharCode(reader.byte())).join('');
  if (magic !== MAGIC) throw new ArchiveUnreadable('the schema is not an archive of pg_dump');
  const [major, minor, revision] = [reader.byte(), reader.byte(), reader.byte()];
  if (major !== 1 || minor < VERSIONS.oldest || minor > VERSIONS.newest)
    throw new ArchiveUnreadable(
      `the schema is an archive of version ${major}.${minor}.${revision}, expected 1.${VERSIONS.oldest} to 1.${VERSIONS.newest}`,
    );
  const intBytes = reader.byte();
  const offsetBytes = reader.byte();
  const format = reader.byte();
  if (intBytes !== 4 || format !== FORMAT_CUSTOM)
    throw new ArchiveUnreadable(
      `the schema is an archive with integers of ${intBytes} bytes in format ${format}, expected 4 and ${FORMAT_CUSTOM} (custom)`,
    );
  // The compression of the rows. The table of contents is never compressed.
  if (minor >= 15) reader.byte();
  else reader.int();
  return { minor, offsetBytes };
}

function readEntry(reader: ByteReader, minor: number, offsetBytes: number): Entry {
  const id = reader.int();
  reader.int(); // whether rows follow
  reader.text(); // number of the catalogue that lists the object
  reader.text(); // number of the object
  const tag = reader.text() ?? '';
  const desc = reader.text() ?? '';
  const section = SECTIONS[reader.int()];
  if (id <= 0 || desc === '' || section === undefined)
    throw new ArchiveUnreadable(`the archive of the schema has an invalid entry before byte ${reader.at}`);
  const definition = reader.text() ?? '';
  reader.text(); // how to drop it
  reader.text(); // how to copy its rows
  const namespace = reader.text() || null;
  const tablespace = reader.text() || null;
  const tableAccessMethod = reader.text() || null;
  const relkind = minor >= 16 ? String.fromCharCode(reader.int()) : '\0';
  const owner = reader.text() || null;
  reader.text(); // whether rows have oids: never since PostgreSQL 12
  const dependencies: number[] = [];
  for (let text = reader.text(); text !== null; text = reader.text()) dependencies.push(Number(text));
  reader.skip(1 + offsetBytes); // where its rows begin
  return {
    id,
    desc,
    tag,
    namespace,
    owner,
    section,
    definition,
    tablespace,
    tableAccessMethod,
    relkind: relkind === '\0' ? null : relkind,
    dependencies,
  };
}
