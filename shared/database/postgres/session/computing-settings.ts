import type pg from 'pg';
import { apart } from './apart.ts';
import { LOADING, type Settings } from './settings.ts';

/** What a cast, a function or an expression of the application can depend on. */
const COMPUTING = [
  ...['DateStyle', 'TimeZone', 'timezone_abbreviations', 'IntervalStyle', 'extra_float_digits'],
  ...['bytea_output', 'xmlbinary', 'xmloption', 'array_nulls', 'lc_monetary', 'lc_numeric', 'lc_time'],
  ...[
    'default_text_search_config',
    'transform_null_equals',
    'standard_conforming_strings',
    'backslash_quote',
  ],
  'search_path',
] as const;

/**
 * How stored rows must be read, whatever the database computes under. ISO dates, signed intervals, offsets from UTC and hex
 * are read alike under every setting, so the others may be the database's own.
 */
const FOR_ROWS = ['array_nulls', 'xmloption', 'lc_monetary'];
/** Definitions were written for these too: they hold literals, and names with their schemas. */
const FOR_DEFINITIONS = [...FOR_ROWS, 'standard_conforming_strings', 'backslash_quote', 'search_path'];

/**
 * Reads the settings that the database's own functions, checks and materialized views are computed under: those of the
 * server, then of the database, then of the role that owns most of its tables, and last of that role in that database.
 *
 * Where Lifeboat's own role has a setting of its own, the server's value cannot be seen and PostgreSQL's default stands for
 * it.
 *
 * @param client in a transaction that only reads, with no other work under way
 * @returns each value as the server writes it
 */
export async function readComputingSettings(client: pg.Client): Promise<Settings> {
  const { rows } = await client.query<{ name: string; base: string; own: string[] }>(
    `WITH owner AS (
       SELECT c.relowner AS role FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't' AND n.nspname <> 'lifeboat'
         AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
       GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1),
     given AS (
       SELECT s.setrole, s.setdatabase, pg_catalog.split_part(entry, '=', 1) AS name,
         pg_catalog.substr(entry, pg_catalog.strpos(entry, '=') + 1) AS value
       FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) AS entry
       WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())))
     SELECT p.name,
       CASE WHEN EXISTS (SELECT FROM given g WHERE pg_catalog.lower(g.name) = pg_catalog.lower(p.name)
           AND g.setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user)))
         THEN p.boot_val ELSE p.reset_val END AS base,
       ARRAY(SELECT g.value FROM given g WHERE pg_catalog.lower(g.name) = pg_catalog.lower(p.name)
           AND (g.setrole = 0 OR g.setrole = (SELECT role FROM owner))
         ORDER BY g.setrole <> 0, g.setdatabase <> 0) AS own
     FROM pg_catalog.pg_settings p WHERE p.name = ANY ($1) ORDER BY 1`,
    [COMPUTING],
  );
  return apart(client, async () => {
    const settings: Record<string, string> = {};
    // Each in its turn: a value such as DateStyle's "DMY" changes a part of the one before.
    for (const { name, base, own } of rows) {
      for (const value of [base, ...own]) {
        const set = 'SELECT pg_catalog.set_config($1, $2, true) AS value';
        const { rows: found } = await client.query<{ value: string }>(set, [name, value]);
        settings[name] = found[0]?.value ?? value;
      }
    }
    return settings;
  });
}

/** While rows are loaded, checks and generated columns are computed. */
export function settingsForRows(own: Settings): Settings {
  return { ...LOADING, ...without(own, FOR_ROWS) };
}

/** While definitions are made, expressions of indexes are computed. */
export function settingsForDefinitions(own: Settings): Settings {
  return { ...LOADING, ...without(own, FOR_DEFINITIONS) };
}

/** While materialized views are filled, everything is computed. */
export function settingsForRefreshing(own: Settings): Settings {
  return { ...LOADING, ...own, row_security: 'on' };
}

function without(own: Settings, names: readonly string[]): Settings {
  return Object.fromEntries(Object.entries(own).filter(([name]) => !names.includes(name)));
}
