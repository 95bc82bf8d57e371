import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { DatabaseAccess } from '../../access.ts';
import type { SchemaDump, SourceSchema } from '../../schema-dump.ts';
import { readArchive } from '../archive/read-archive.ts';
import { readFragileConstraints } from '../fragile-constraints/read.ts';
import { runPgDump } from '../pg-dump/run-pg-dump.ts';
import { rowsNotCarried } from '../rows-not-carried.ts';
import { contentByTitle } from './compare-schemas.ts';
import { notCarried } from './not-carried.ts';
import { readSchemaFacts } from './schema-facts.ts';

/**
 * Dumps the schema of a database with pg_dump, inside an exported snapshot where one is named, so that it fits the rows
 * copied in the same snapshot.
 *
 * @param snapshot the name that `pg_export_snapshot()` returned; the transaction that exported it must still be open
 * @param signal ends the dump, also while it waits for a lock of the server
 * @throws PgDumpFailed with pg_dump's own words, and the signal's reason when it fires
 * @throws DatabaseUnreachable
 */
export async function dumpSchema(
  access: DatabaseAccess,
  options: { snapshot?: string; signal: AbortSignal },
): Promise<SchemaDump> {
  const archive = await runPgDump(access, options);
  return { archive, fingerprint: fingerprintOf(archive) };
}

/** Dumps the schema of a source, and asks its catalogue what a copy needs or lacks. @param client reads the same snapshot */
export async function dumpSource(
  access: DatabaseAccess,
  client: pg.Client,
  options: { snapshot: string; signal: AbortSignal },
): Promise<SourceSchema> {
  const dump = await dumpSchema(access, options);
  const facts = await readSchemaFacts(client);
  return {
    ...dump,
    roles: facts.roles,
    invalidIndexes: facts.invalidIndexes,
    fragileConstraints: await readFragileConstraints(client),
    notCarried: [...notCarried(readArchive(dump.archive).entries, facts), ...(await rowsNotCarried(client))],
  };
}

/** The fingerprint of a definition: equal for two databases that have the same one. */
export function fingerprintOf(archive: Buffer): string {
  const required = [...contentByTitle(readArchive(archive))]
    .filter(([, { isOptional }]) => !isOptional)
    .map(([title, { content }]) => `${title}\0${content}\0`)
    .sort();
  return createHash('sha256').update(required.join('')).digest('hex');
}
