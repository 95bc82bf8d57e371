import pg from 'pg';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import { readable, type TableName } from '../table.ts';

/** Row-level security acts on the role of the source, so a backup would miss rows. */
export class RowsHidden extends LifeboatError {
  override readonly name = 'RowsHidden';
  override readonly kind = 'forbidden';
}

/** Names shown in a message. */
const SHOWN = 5;

/**
 * Checks that no policy acts on this role in any of the tables, before one is read. An owner is exempt unless the table says
 * FORCE. https://www.postgresql.org/docs/current/ddl-rowsecurity.html
 *
 * @throws RowsHidden naming the tables and the statement to run
 */
export async function refuseHiddenRows(client: pg.Client, tables: readonly TableName[]): Promise<void> {
  const { rows } = await client.query<TableName & { user: string }>(
    `SELECT n.nspname AS schema, c.relname AS name, current_user::text AS user
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relrowsecurity AND pg_catalog.row_security_active(c.oid)
     ORDER BY 1, 2`,
  );
  const read = new Set(tables.map(readable));
  const hidden = rows.filter((table) => read.has(readable(table)));
  const [first] = hidden;
  if (!first) return;
  const names = hidden.slice(0, SHOWN).map(readable);
  const more = hidden.length - names.length;
  throw new RowsHidden(
    `row-level security acts on the role "${first.user}" in ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}: a backup would miss rows`,
    {
      hint: `Let the role see every row. As a superuser, run: ALTER ROLE ${pg.escapeIdentifier(first.user)} BYPASSRLS`,
    },
  );
}
