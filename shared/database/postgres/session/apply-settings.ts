import pg from 'pg';
import { LifeboatError } from '../../../errors/lifeboat-error.ts';
import type { Settings } from './settings.ts';

/** The session does not have a setting that was given to it, or the server does not allow it. */
export class SessionSettingRefused extends LifeboatError {
  override readonly name = 'SessionSettingRefused';
  override readonly kind = 'unsupported';
}

/**
 * Gives a session its settings, and asks back in a transaction of its own whether it has them. Defaults of the server, of
 * the database and of the role are overruled. Settings that the server does not have are left out.
 *
 * @throws SessionSettingRefused naming the setting, what it should be and what it is
 */
export async function applySettings(client: pg.ClientBase, settings: Settings): Promise<void> {
  const wanted = Object.entries(settings);
  const values = wanted.map(([name, value]) => `(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)})`);
  const differing = `pg_catalog.pg_settings s JOIN (VALUES ${values.join(', ')}) w (name, value)
    ON s.name = w.name AND s.setting IS DISTINCT FROM w.value`;
  try {
    // First the two that change what the others mean: operators of the application, and names that come back quoted.
    await client.query(`SELECT pg_catalog.set_config('search_path', '', false),
        pg_catalog.set_config('quote_all_identifiers', 'off', false);
      SELECT pg_catalog.set_config(s.name, w.value, false) FROM ${differing}`);
  } catch (cause) {
    if (!(cause instanceof pg.DatabaseError && REFUSED.has(cause.code ?? ''))) throw cause;
    throw new SessionSettingRefused(
      `the server refused a setting that this session needs: ${cause.message}`,
      {
        cause,
        hint: 'Take the setting off the role and the database (ALTER ROLE … RESET, ALTER DATABASE … RESET), as a superuser where it needs one.',
      },
    );
  }
  const { rows } = await client.query<{ name: string; setting: string; value: string }>(
    `SELECT s.name, s.setting, w.value FROM ${differing} ORDER BY 1 LIMIT 3`,
  );
  if (rows.length > 0)
    throw new SessionSettingRefused(
      `the session does not keep its settings: ${rows.map(({ name, setting, value }) => `${name} is "${setting}" after it was set to "${value}"`).join(', ')}`,
      { hint: 'Give Lifeboat the address of PostgreSQL itself, not of a pooler or proxy before it.' },
    );
}

/** insufficient_privilege and invalid_parameter_value. */
const REFUSED = new Set(['42501', '22023']);
