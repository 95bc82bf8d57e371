import path from 'node:path';
import type { Connection } from 'local-postgres/access';
import { type Major, majors } from 'local-postgres/release';
import { nativeTools } from '../native-tools.ts';

/** Fills a database with what its version can hold: one file for each version, up to its own. */
export async function loadRich(owner: Connection, major: Major): Promise<void> {
  const tools = await nativeTools(major);
  for (const each of majors.filter((version) => version <= major))
    await tools.psql(owner, path.join(import.meta.dirname, `${each}.sql`));
}
