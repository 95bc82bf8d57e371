import type pg from 'pg';
import { type DatabaseTraits, ScratchUnsuitable } from '../engine.ts';
import { majorVersion, serverVersionOf } from './catalog.ts';

/** Whether a source can be loaded on this server. @throws ScratchUnsuitable naming what the server lacks */
export async function checkSuitable(
  client: pg.Client,
  source: Pick<DatabaseTraits, 'serverVersion' | 'extensions'>,
): Promise<void> {
  const here = majorVersion(await serverVersionOf(client));
  const there = majorVersion(source.serverVersion);
  if (here !== there)
    throw new ScratchUnsuitable(
      `the recovery point is of PostgreSQL ${there}, the scratch server is ${here}: give the plan a scratch server of version ${there}`,
    );
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM pg_catalog.pg_available_extensions WHERE name = ANY ($1)',
    [source.extensions.map(({ name }) => name)],
  );
  const available = new Set(rows.map(({ name }) => name));
  const missing = source.extensions.filter(({ name }) => !available.has(name));
  if (missing.length > 0)
    throw new ScratchUnsuitable(
      `the scratch server lacks ${missing.map(({ name, version }) => `extension "${name}" ${version}`).join(', ')} of the source: install it there`,
    );
}
