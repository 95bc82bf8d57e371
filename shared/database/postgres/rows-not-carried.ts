import type pg from 'pg';
import { MARKED_BY_EXTENSION, OF_THE_APPLICATION } from './extension-rows.ts';
import { IS_NEVER_READ_BACK } from './never-read-back.ts';
import { IS_WITHOUT_ROWS } from './without-rows.ts';

/** Names shown of one kind. */
const SHOWN = 5;

/** Relations and columns by what is left out of them. A column `what` says it; `name` is the relation or the column. */
const LEFT_OUT = `
  SELECT 'foreign' AS what, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    ${MARKED_BY_EXTENSION}
  WHERE c.relkind = 'f' AND ${OF_THE_APPLICATION}
  UNION ALL
  SELECT 'extension', pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
      AND d.deptype = 'e'
    ${MARKED_BY_EXTENSION}
  WHERE c.relkind = 'r' AND marked.extension IS NULL AND pg_catalog.pg_relation_size(c.oid) > 0
  UNION ALL
  SELECT 'unreadable', pg_catalog.format('%I.%I.%I', n.nspname, c.relname, a.attname)
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    ${MARKED_BY_EXTENSION}
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped
    AND ${IS_NEVER_READ_BACK} AND ${OF_THE_APPLICATION}
  UNION ALL
  SELECT 'view', pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    ${MARKED_BY_EXTENSION}
  WHERE c.relkind = 'm' AND c.relispopulated AND ${OF_THE_APPLICATION}
  UNION ALL
  SELECT CASE c.relkind WHEN 'S' THEN 'unlogged sequence' ELSE 'unlogged' END, pg_catalog.format('%I.%I', n.nspname, c.relname)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    ${MARKED_BY_EXTENSION}
  WHERE c.relkind IN ('r', 'S') AND ${IS_WITHOUT_ROWS} AND ${OF_THE_APPLICATION}
  UNION ALL
  SELECT 'rights', o.oid::text FROM pg_catalog.pg_largeobject_metadata o
  WHERE o.lomacl IS NOT NULL OR pg_catalog.pg_get_userbyid(o.lomowner) <> current_user
  ORDER BY 1, 2`;

const WORDS: Readonly<Record<string, (names: string) => string>> = {
  foreign: (names) => `rows of foreign tables, which live elsewhere (${names})`,
  extension: (names) =>
    `rows of tables that belong to extensions, which do not mark them for a dump (${names})`,
  unreadable: (names) => `values that no server reads back (${names})`,
  // The source may hold an older state than its tables: a difference would prove nothing.
  view: (names) => `contents of materialized views, computed again on the copy (${names})`,
  unlogged: (names) => `rows of unlogged tables, which a standby does not have (${names})`,
  'unlogged sequence': (names) => `positions of unlogged sequences, which a standby does not have (${names})`,
  rights: (names) => `owners and grants of large objects (${names})`,
};

/** Which content of a source no copy gets, in words for an auditor. */
export async function rowsNotCarried(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ what: string; name: string }>(LEFT_OUT);
  return [...Map.groupBy(rows, ({ what }) => what)].map(([what, found]) => {
    const names = found.slice(0, SHOWN).map(({ name }) => name);
    const more = found.length - names.length;
    return WORDS[what]?.([...names, ...(more > 0 ? [`${more} more`] : [])].join(', ')) ?? what;
  });
}
