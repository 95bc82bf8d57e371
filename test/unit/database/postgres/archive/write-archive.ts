import type { Entry } from '../../../../../shared/database/postgres/archive/entry.ts';

/** The parts of an archive that a test may want to be wrong. */
export interface Written {
  readonly magic?: string;
  readonly minor?: number;
  readonly intBytes?: number;
  readonly format?: number;
  readonly count?: number;
}

const SECTIONS = { none: 1, 'pre-data': 2, data: 3, 'post-data': 4 } as const;

/** An archive as pg_dump writes it, by the format of pg_backup_archiver.c. */
export function writeArchive(entries: readonly Entry[], written: Written = {}): Buffer {
  const { magic = 'PGDMP', minor = 16, intBytes = 4, format = 1, count = entries.length } = written;
  return Buffer.concat([
    Buffer.from(magic),
    Buffer.from([1, minor, 0, intBytes, 8, format]),
    minor >= 15 ? Buffer.from([0]) : int(-1),
    ...[1, 30, 4, 5, 9, 126, 0].map(int),
    ...['app', '18.4', '18.3'].map(text),
    int(count),
    ...entries.map((entry) => writeEntry(entry, minor)),
  ]);
}

/** An entry of which a test states only what matters. */
export function entry(given: Partial<Entry> & Pick<Entry, 'id' | 'desc' | 'tag'>): Entry {
  return {
    namespace: 'public',
    owner: 'app',
    section: 'post-data',
    definition: `-- ${given.desc} ${given.tag}\n`,
    tablespace: null,
    tableAccessMethod: null,
    relkind: null,
    dependencies: [],
    ...given,
  };
}

function writeEntry(given: Entry, minor: number): Buffer {
  return Buffer.concat([
    int(given.id),
    int(0),
    text('0'),
    text('0'),
    text(given.tag),
    text(given.desc),
    int(SECTIONS[given.section]),
    ...[given.definition, '', null, given.namespace, given.tablespace ?? '', given.tableAccessMethod].map(
      text,
    ),
    ...(minor >= 16 ? [int(given.relkind?.charCodeAt(0) ?? 0)] : []),
    text(given.owner ?? ''),
    text('false'),
    ...given.dependencies.map((id) => text(String(id))),
    text(null),
    Buffer.alloc(9),
  ]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = value < 0 ? 1 : 0;
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
}

function text(value: string | null): Buffer {
  if (value === null) return int(-1);
  const bytes = Buffer.from(value);
  return Buffer.concat([int(bytes.length), bytes]);
}
