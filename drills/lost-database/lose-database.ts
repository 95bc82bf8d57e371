import pg from 'pg';
import type { LocalAws } from '../../local/start.ts';

/**
 * The disaster: the application's database is dropped with everything in it, while clients are connected. Dropped
 * as the superuser, as an attacker or a wrong click would.
 *
 * @returns the onset: when the drop was given, since from then on nothing that is written survives
 */
export async function loseDatabase(aws: LocalAws, database: string): Promise<Date> {
  const { database: name } = aws.databases[database] ?? {};
  if (name === undefined) throw new Error(`the local AWS has no database "${database}"`);
  const client = new pg.Client(aws.source.superuser());
  client.on('error', () => {}); // a server that goes away, as on Ctrl-C, shows in the query
  await client.connect();
  try {
    const failedAt = new Date();
    await client.query(`DROP DATABASE ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    return failedAt;
  } finally {
    await client.end();
  }
}
