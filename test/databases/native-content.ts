import type { Connection } from 'local-postgres/access';
import pg from 'pg';
import type { NativeTools } from './native-tools.ts';

/** A whole database in the words of its own version's pg_dump, in an order that does not depend on where rows lie. */
export interface NativeContent {
  /** `pg_dump --schema-only`, one entry for each line. */
  readonly schema: readonly string[];
  /** What `pg_dump --data-only` writes, the rows of each table in order. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
  /** pg_dump leaves out what materialized views hold. */
  readonly materializedViews: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads a database as a superuser, so that no rule of row security hides a row.
 *
 * Owners and grants are left out: the roles of a scratch server are its own. So is the heartbeat, which goes on at the source.
 */
export async function nativeContent(tools: NativeTools, superuser: Connection): Promise<NativeContent> {
  const [schema, data, materializedViews] = await Promise.all([
    tools.pgDump(superuser, ['--schema-only', '--no-owner', '--no-privileges']),
    tools.pgDump(superuser, ['--data-only', '--no-owner', '--exclude-table-data=lifeboat.*']),
    readMaterializedViews(superuser),
  ]);
  return { schema: lines(schema), rows: rowsByTable(data), materializedViews };
}

/**
 * Without the random key that pg_dump puts around a script, and without the names that PostgreSQL 18 chooses for NOT NULL: they
 * depend on which tables were there first, so a restore by psql changes them as well.
 */
const lines = (dump: string) =>
  dump
    .split('\n')
    .filter((line) => !/^\\(un)?restrict /.test(line))
    .map((line) => line.replace(/ CONSTRAINT \S+_not_null\d* (?=NOT NULL\b)/, ' '));

/** COPY writes a row as one line. What stands outside of COPY, such as positions of sequences, is under `others`. */
function rowsByTable(data: string): Record<string, string[]> {
  const rows: Record<string, string[]> = { others: [] };
  let table = 'others';
  for (const line of lines(data)) {
    const copied = /^COPY (.*) FROM stdin;$/.exec(line)?.[1];
    if (copied !== undefined) {
      table = copied;
      rows[table] = [];
    } else if (line === '\\.') table = 'others';
    else rows[table]?.push(line);
  }
  // Comments name the tables in the order of their sizes or numbers.
  rows.others = rows.others?.filter((line) => line !== '' && !line.startsWith('--')) ?? [];
  for (const each of Object.values(rows)) each.sort();
  return rows;
}

async function readMaterializedViews(superuser: Connection): Promise<Record<string, string[]>> {
  const client = new pg.Client(superuser);
  await client.connect();
  try {
    const { rows: views } = await client.query<{ name: string; filled: boolean }>(
      `SELECT format('%I.%I', schemaname, matviewname) AS name, ispopulated AS filled FROM pg_matviews ORDER BY 1`,
    );
    const contents: Record<string, string[]> = {};
    for (const { name, filled } of views) {
      if (!filled) contents[name] = ['not populated'];
      else {
        const { rows } = await client.query<{ row: string }>(`SELECT v::text AS row FROM ${name} AS v`);
        contents[name] = rows.map(({ row }) => row).sort();
      }
    }
    return contents;
  } finally {
    await client.end();
  }
}
