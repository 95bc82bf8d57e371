import type pg from 'pg';
import { FenceRefused, type FenceState, type Lease } from '../../lease-fence.ts';
import { readable, type TableName } from '../../table.ts';
import { type TableToFence, tablesToFence } from './fenced-tables.ts';
import { CHECKS, checkSource, ENDED, LIFTED, TRIGGERS } from './statements.ts';

/** Whether the check asks for the lease of this database: a copy by dump and restore has a lease of another OID. */
export const LEASE_IS_BOUND = `EXISTS (
  SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'lifeboat' AND p.proname = 'require_lease'
    AND pg_catalog.strpos(p.prosrc, ' lease = ' || l.tableoid::text || ' ') > 0)`;

interface FencedTable extends TableName {
  /** Names of the fence's triggers on it. */
  readonly triggers: readonly string[];
}

/** Every table that has triggers of the fence of its own, whatever the plan says. */
export async function fencedNow(client: pg.Client): Promise<FencedTable[]> {
  const { rows } = await client.query<FencedTable>(
    `SELECT n.nspname AS schema, c.relname AS name, pg_catalog.array_agg(t.tgname::text) AS triggers
     FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
     WHERE pn.nspname = 'lifeboat' AND p.proname = ANY ($1) AND n.nspname <> 'lifeboat' AND t.tgparentid = 0
     GROUP BY 1, 2 ORDER BY 1, 2`,
    [CHECKS],
  );
  return rows;
}

/** Reads what is there, and compares it with what `install` makes. */
export async function readFence(client: pg.Client, tables: readonly TableName[]): Promise<FenceState> {
  const { lease, leaseOid } = await readLease(client);
  if (leaseOid === null) return { installed: false, gaps: ['the fence is not installed'], lease: null };
  const gaps = [...(await gapsOfCheck(client, leaseOid)), ...(await gapsOfTables(client, tables))];
  const isBound = !gaps.includes(NOT_BOUND);
  return { installed: isBound, gaps, lease };
}

async function readLease(client: pg.Client): Promise<{ lease: Lease | null; leaseOid: string | null }> {
  const there = await client.query(
    `SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'lifeboat' AND c.relname = 'lease_end' AND c.relkind = 'S'`,
  );
  if (there.rowCount === 0) return { lease: null, leaseOid: null };
  const { rows } = await client.query<{ end: string; oid: string; isOver: boolean }>(
    `SELECT last_value::text AS end, tableoid::text AS oid,
       pg_catalog.to_timestamp(last_value::float8 / 1000) <= pg_catalog.clock_timestamp() AS "isOver" FROM lifeboat.lease_end`,
  );
  const [row] = rows;
  if (!row) return { lease: null, leaseOid: null };
  return { leaseOid: row.oid, lease: leaseOf(row) };
}

function leaseOf({ end, isOver }: { end: string; isOver: boolean }): Lease {
  if (end === ENDED) return { state: 'ended', until: null };
  if (end === LIFTED) return { state: 'lifted', until: null };
  return { state: isOver ? 'over' : 'running', until: new Date(Number(end)) };
}

const NOT_BOUND =
  'the check is not bound to the lease of this database, as in a copy made by dump and restore: nothing is refused here';

async function gapsOfCheck(client: pg.Client, leaseOid: string): Promise<string[]> {
  const { rows } = await client.query<{
    name: string;
    source: string;
    isDefiner: boolean;
    settings: string[] | null;
  }>(
    `SELECT p.proname AS name, p.prosrc AS source, p.prosecdef AS "isDefiner", p.proconfig AS settings
     FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname = 'lifeboat' AND p.proname = ANY ($1)`,
    [CHECKS],
  );
  if (!rows.some(({ source }) => source.includes(` lease = ${leaseOid} `))) return [NOT_BOUND];
  const changed = CHECKS.filter((name) => {
    const found = rows.find((row) => row.name === name);
    return !(
      found?.source === checkSource(name, leaseOid) &&
      found.isDefiner &&
      found.settings?.join() === 'search_path=pg_catalog, pg_temp'
    );
  });
  const gaps = changed.map(
    (name) => `the function lifeboat.${name}() is not the one of this version of Lifeboat`,
  );
  return (await checksCommits(client))
    ? gaps
    : [...gaps, 'commits are not checked: lifeboat.commits lacks its trigger'];
}

async function checksCommits(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'lifeboat' AND c.relname = 'commits' AND t.tgenabled = $1 AND t.tgdeferrable AND t.tginitdeferred`,
    [ALWAYS],
  );
  return rowCount === 1;
}

async function gapsOfTables(client: pg.Client, tables: readonly TableName[]): Promise<string[]> {
  let wanted: readonly TableToFence[];
  try {
    wanted = await tablesToFence(client, tables);
  } catch (error) {
    if (error instanceof FenceRefused) return [error.message];
    throw error;
  }
  const { rows } = await client.query<TableName & { trigger: string; firing: string }>(
    `SELECT n.nspname AS schema, c.relname AS name, t.tgname AS trigger, t.tgenabled AS firing
     FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
     JOIN unnest($1::text[], $2::text[], $3::int[]) AS made (trigger, check_function, type)
       ON made.trigger = t.tgname AND made.check_function = p.proname AND made.type = t.tgtype
     WHERE pn.nspname = 'lifeboat'`,
    [TRIGGERS.map(({ name }) => name), TRIGGERS.map(({ check }) => check), TRIGGERS.map(({ type }) => type)],
  );
  return wanted.flatMap((table) =>
    TRIGGERS.flatMap(({ name: trigger }) => {
      const found = rows.find(
        (row) => row.schema === table.schema && row.name === table.name && row.trigger === trigger,
      );
      if (!found) return [`${readable(table)} lacks the trigger ${trigger}`];
      if (found.firing === ALWAYS) return [];
      return [`the trigger ${trigger} of ${readable(table)} is ${FIRING[found.firing] ?? 'off'}`];
    }),
  );
}

const ALWAYS = 'A';
const FIRING: Readonly<Record<string, string>> = {
  D: 'disabled',
  O: 'off in sessions with session_replication_role = replica',
  R: 'on only in sessions with session_replication_role = replica',
};
