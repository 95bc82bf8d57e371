import { describe, expect, test } from 'vitest';
import { ArchiveUnreadable } from '../../../../../shared/database/postgres/archive/byte-reader.ts';
import { titleOf } from '../../../../../shared/database/postgres/archive/entry.ts';
import { readArchive } from '../../../../../shared/database/postgres/archive/read-archive.ts';
import { entry, type Written, writeArchive } from './write-archive.ts';

const table = entry({
  id: 7,
  desc: 'TABLE',
  tag: 'Straße',
  section: 'pre-data',
  relkind: 'r',
  tableAccessMethod: 'heap',
});
const index = entry({ id: 300, desc: 'INDEX', tag: 'a\nb', tablespace: 'fast', dependencies: [7, 7, 12] });
const schema = entry({
  id: 2,
  desc: 'SCHEMA',
  tag: 'sales',
  namespace: null,
  owner: null,
  section: 'pre-data',
});

describe('an archive of pg_dump', () => {
  test('is read as it was written', () => {
    expect(readArchive(writeArchive([schema, table, index]))).toEqual({
      serverVersion: '18.4',
      dumpVersion: '18.3',
      entries: [schema, table, index],
    });
  });

  test.each([14, 15])('of version 1.%i has no kinds of table', (minor) => {
    const { entries } = readArchive(writeArchive([table, index], { minor }));
    expect(entries).toEqual([{ ...table, relkind: null }, index]);
  });

  test.each<[string, Written, RegExp]>([
    ['no archive', { magic: 'PGDMQ' }, /^the schema is not an archive of pg_dump$/],
    ['a later version', { minor: 17 }, /version 1\.17\.0, expected 1\.14 to 1\.16$/],
    ['an earlier version', { minor: 13 }, /version 1\.13\.0, expected/],
    ['another format', { format: 3 }, /integers of 4 bytes in format 3, expected 4 and 1 \(custom\)$/],
    ['other integers', { intBytes: 8 }, /integers of 8 bytes/],
    ['more entries announced', { count: 4 }, /ends early: 1 bytes expected/],
  ])('that is %s is refused', (_, written, message) => {
    const read = () => readArchive(writeArchive([schema, table, index], written));
    expect(read).toThrow(ArchiveUnreadable);
    expect(read).toThrow(message);
  });

  test('that was cut anywhere is refused', () => {
    const whole = writeArchive([schema, table, index]);
    for (let length = 0; length < whole.length; length += 1)
      expect(() => readArchive(whole.subarray(0, length)), `${length} bytes`).toThrow(ArchiveUnreadable);
  });

  test('with text that is not UTF-8 is refused, not repaired', () => {
    const bytes = writeArchive([table]);
    bytes[bytes.indexOf('Straße') + 4] = 0xff;
    expect(() => readArchive(bytes)).toThrow(/holds text at byte \d+ that is not UTF-8/);
  });

  test('with an entry of no section is refused', () => {
    const bytes = writeArchive([table]);
    bytes[bytes.indexOf('TABLE') + 'TABLE'.length + 1] = 9;
    expect(() => readArchive(bytes)).toThrow(/invalid entry/);
  });

  test('names its entries by kind, schema and name', () => {
    expect([schema, index].map(titleOf)).toEqual(['SCHEMA sales', 'INDEX public.a\nb']);
  });
});
