import pg from 'pg';
import type { TableName } from '../../table.ts';
import { quoted } from '../identifier.ts';

/**
 * The SQLSTATE of a refused write: read_only_sql_transaction. Drivers and pools that know failovers reconnect on it, and then
 * reach the new primary by its name.
 */
export const REFUSED_BY_LEASE = '25006';

/** How the message of a refused write ends. Tells our refusal from that of a server that is a standby. */
export const REFUSAL = 'the lease of this database is over';

/** Values of the sequence that are no time. A new one has no lease yet. */
export const NEW = '0';
export const ENDED = '1';
/** The end of the year 9999. */
export const LIFTED = '253402300799000';

/** On the table of open transactions. */
const COMMIT_TRIGGER = 'lifeboat_lease_at_commit';

/** A lease that ends later than any renewal can have meant: the server's clock was set back. The plan's longest is ten minutes. */
const LATER_THAN_ANY_MS = 900_000;

const SETTING = 'lifeboat.checked_at_commit';

/**
 * The lease is a sequence, because each session sees its newest value at once: a row would be read as of the snapshot, so a
 * transaction in REPEATABLE READ would be refused after the first lease it saw. Its value is the end, in milliseconds.
 *
 * A row of the table stands for a transaction that wrote. The check at its commit is put there and not on the application's own tables:
 * PostgreSQL lets no transaction alter or truncate a table that has a check pending. The renewals empty it.
 */
export const MAKE_LEASE = [
  'CREATE SCHEMA IF NOT EXISTS lifeboat',
  `CREATE SEQUENCE IF NOT EXISTS lifeboat.lease_end AS bigint MINVALUE ${NEW} MAXVALUE ${LIFTED} START WITH ${NEW} NO CYCLE`,
  `COMMENT ON SEQUENCE lifeboat.lease_end IS 'Writes to the fenced tables are refused after this moment, in milliseconds since 1970. ${ENDED}: ended. ${LIFTED}: lifted. "lifeboat fence" shows and changes it.'`,
  'CREATE TABLE IF NOT EXISTS lifeboat.commits (id pg_catalog.xid8) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)',
];

/** Forgets transactions that were committed. */
export const EMPTY_COMMITS = 'DELETE FROM lifeboat.commits';

const READ_LEASE = 'SELECT l.last_value, l.tableoid INTO ends_at, lease FROM lifeboat.lease_end l';

/**
 * The check, as the body of a trigger function. It runs as its owner, with a search path of its own, so that no role needs a
 * right on the lease and no object of the application stands in for one of PostgreSQL's.
 *
 * The lease knows itself by its OID: in a copy made by dump and restore it has another one, and binds nobody there.
 */
const REQUIRE_LEASE = `
DECLARE
  ends_at bigint;
  lease oid;
BEGIN
  ${READ_LEASE};
  IF lease = %1$s AND ends_at <> ${LIFTED} AND (
    to_timestamp(ends_at::float8 / 1000::float8) <= clock_timestamp()
    OR to_timestamp((ends_at - ${LATER_THAN_ANY_MS})::float8 / 1000::float8) > clock_timestamp()
  ) THEN
    RAISE EXCEPTION '%%: ${REFUSAL}', CASE WHEN TG_TABLE_SCHEMA = 'lifeboat' THEN 'no commit of what was written'
        ELSE format('no write to %%I.%%I', TG_TABLE_SCHEMA, TG_TABLE_NAME) END
      USING ERRCODE = '${REFUSED_BY_LEASE}',
        DETAIL = CASE WHEN ends_at = ${ENDED} THEN 'A failover ended it.'
          ELSE format('It ended at %%s, and it is %%s.', to_timestamp(ends_at::float8 / 1000::float8), clock_timestamp()) END,
        HINT = 'The standby Region may have taken over: connect again by the name of the database. "lifeboat fence show" says more.';
  END IF;
  -- Checked early, by SET CONSTRAINTS: what is written from here on is checked again.
  IF TG_TABLE_SCHEMA = 'lifeboat' THEN PERFORM set_config('${SETTING}', '', true); END IF;
  RETURN NULL;
END`;

/** Sees to it that the transaction is checked once more when it commits. */
const CHECK_COMMIT = `
DECLARE
  ends_at bigint;
  lease oid;
BEGIN
  ${READ_LEASE};
  IF lease = %1$s AND ends_at <> ${LIFTED} THEN
    INSERT INTO lifeboat.commits VALUES (pg_current_xact_id());
  END IF;
  RETURN NULL;
END`;

const BODIES: Readonly<Record<string, string>> = {
  require_lease: REQUIRE_LEASE,
  check_commit: CHECK_COMMIT,
};

/** The functions that the triggers call. */
export const CHECKS: readonly string[] = Object.keys(BODIES);

/** Makes the functions, and the check of each commit. */
export const MAKE_CHECKS = [
  ...Object.entries(BODIES).map(
    ([name, body]) => `DO $make$ BEGIN EXECUTE pg_catalog.format($function$
CREATE OR REPLACE FUNCTION lifeboat.${name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $check$${body}$check$
$function$, 'lifeboat.lease_end'::pg_catalog.regclass::pg_catalog.oid); END $make$`,
  ),
  `DROP TRIGGER IF EXISTS ${COMMIT_TRIGGER} ON lifeboat.commits`,
  `CREATE CONSTRAINT TRIGGER ${COMMIT_TRIGGER} AFTER INSERT ON lifeboat.commits DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lifeboat.require_lease()`,
  `ALTER TABLE lifeboat.commits ENABLE ALWAYS TRIGGER ${COMMIT_TRIGGER}`,
];

/** The source of a function in a database whose lease has that OID. */
export function checkSource(name: string, leaseOid: string): string {
  return (BODIES[name] ?? '').replaceAll('%1$s', leaseOid).replaceAll('%%', '%');
}

/**
 * True for the first row that a transaction writes: one check at its commit is enough. A savepoint that is rolled back takes
 * the setting back with the check.
 */
const FIRST_ROW =
  `CASE WHEN pg_catalog.current_setting('${SETTING}', true) = pg_catalog.pg_current_xact_id()::pg_catalog.text THEN false ` +
  `ELSE pg_catalog.set_config('${SETTING}', pg_catalog.pg_current_xact_id()::pg_catalog.text, true) IS NOT NULL END`;

/** What a trigger of the fence is: its name, whether a partition gets it from its parent, and how it is made on a table. */
interface FenceTrigger {
  readonly name: string;
  readonly inherited: boolean;
  readonly check: string;
  /** https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_trigger.h */
  readonly type: number;
  readonly when: string;
}

const [ROW, BEFORE, INSERT, DELETE, UPDATE, TRUNCATE] = [1, 2, 4, 8, 16, 32] as const;

/** Each statement is checked when it begins, and each transaction that wrote a row, or truncated, when it commits. */
export const TRIGGERS: readonly FenceTrigger[] = [
  {
    name: 'lifeboat_lease',
    inherited: false,
    check: 'require_lease',
    type: BEFORE + INSERT + DELETE + UPDATE + TRUNCATE,
    when: 'BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON % FOR EACH STATEMENT',
  },
  {
    name: 'lifeboat_lease_row',
    inherited: true,
    check: 'check_commit',
    type: ROW + INSERT + DELETE + UPDATE,
    when: `AFTER INSERT OR UPDATE OR DELETE ON % FOR EACH ROW WHEN (${FIRST_ROW})`,
  },
  {
    name: 'lifeboat_lease_truncate',
    inherited: false,
    check: 'check_commit',
    type: TRUNCATE,
    when: 'AFTER TRUNCATE ON % FOR EACH STATEMENT',
  },
];

/**
 * Fences one table. ALWAYS, because `session_replication_role = replica` switches other triggers off.
 *
 * @param isPartition of a table that is fenced too: it gets the row trigger from there
 */
export function fenceTable(table: TableName, { isPartition }: { isPartition: boolean }): string[] {
  const name = quoted(table);
  return TRIGGERS.filter(({ inherited }) => !(inherited && isPartition)).flatMap(
    ({ name: trigger, when, check }) => [
      `DROP TRIGGER IF EXISTS ${trigger} ON ${name}`,
      `CREATE TRIGGER ${trigger} ${when.replace('%', () => name)} EXECUTE FUNCTION lifeboat.${check}()`,
      `ALTER TABLE ${name} ENABLE ALWAYS TRIGGER ${trigger}`,
    ],
  );
}

/** Removes triggers of the fence from a table. */
export function unfenceTable(table: TableName, triggers: readonly string[]): string[] {
  return triggers.map(
    (trigger) => `DROP TRIGGER IF EXISTS ${pg.escapeIdentifier(trigger)} ON ${quoted(table)}`,
  );
}

export const REMOVE_LEASE = [
  'DROP TABLE IF EXISTS lifeboat.commits',
  ...CHECKS.map((name) => `DROP FUNCTION IF EXISTS lifeboat.${name}()`),
  'DROP SEQUENCE IF EXISTS lifeboat.lease_end',
];

/** Gives a new lease its first end. One that was ended or lifted stays so. */
export function startLease(until: Date): string {
  return `SELECT pg_catalog.setval('lifeboat.lease_end', ${until.getTime()}) FROM lifeboat.lease_end WHERE last_value = ${NEW}`;
}
