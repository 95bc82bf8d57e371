import type pg from 'pg';

/** A table whose rows differ between the two sides, with the number of rows on one side only. */
export interface Difference {
  readonly table: string;
  readonly lost: number;
  readonly added: number;
}

/**
 * Compares two databases row by row with EXCEPT ALL both ways, each row as the text that PostgreSQL writes. It shares
 * nothing with the product's own comparison: no hash, no manifest, no list of tables but the source's own. The heartbeat
 * is left out, because its schedule keeps writing to the source.
 */
export async function differingRows(
  source: pg.Client,
  copy: pg.Client,
): Promise<{ tables: number; rows: number; differing: Difference[] }> {
  for (const client of [source, copy])
    await client.query("SET timezone = 'UTC'; SET search_path = pg_catalog");
  const { rows: tables } = await source.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'lifeboat')
     ORDER BY 1`,
  );
  const differing: Difference[] = [];
  let compared = 0;
  for (const { name } of tables) {
    const { rows } = await source.query<{ line: string }>(`SELECT (t.*)::text AS line FROM ONLY ${name} t`);
    compared += rows.length;
    await copy.query('CREATE TEMP TABLE pg_temp.expected (line text)');
    await copy.query('INSERT INTO pg_temp.expected SELECT unnest($1::text[])', [
      rows.map(({ line }) => line),
    ]);
    const restored = `SELECT (t.*)::text FROM ONLY ${name} t`;
    const expected = 'SELECT line FROM pg_temp.expected';
    const { rows: counts } = await copy.query<{ lost: number; added: number }>(
      `SELECT (SELECT count(*)::int FROM (${expected} EXCEPT ALL ${restored}) x) AS lost,
              (SELECT count(*)::int FROM (${restored} EXCEPT ALL ${expected}) x) AS added`,
    );
    await copy.query('DROP TABLE pg_temp.expected');
    const [found] = counts;
    if (!found || found.lost + found.added > 0)
      differing.push({ table: name, lost: found?.lost ?? 0, added: found?.added ?? 0 });
  }
  return { tables: tables.length, rows: compared, differing };
}
