import pg from 'pg';
import { connectAsOwner, type Loaded, measure } from './sample/sample.ts';
import { type LeftOut, loadScripts } from './sql-script/load-script.ts';
import type { LocalAws } from './start.ts';

/** What was loaded of a person's own scripts. */
export interface OwnData extends Loaded {
  /** Statements that were passed over, by their kind. */
  readonly leftOut: LeftOut;
}

/**
 * Fills a database of the plan with a person's own schema and data.
 *
 * @param files SQL scripts, as pg_dump writes them
 * @param onBytes told the size of each piece that was read
 * @throws ScriptFailed, ScriptUnreadable
 */
export async function loadOwnData(
  aws: LocalAws,
  database: string,
  files: readonly string[],
  onBytes?: (bytes: number) => void,
): Promise<OwnData> {
  const owner = await connectAsOwner(aws, database);
  try {
    const administrator = new pg.Client(aws.source.superuser(aws.databases[database]?.database));
    administrator.on('error', () => {}); // a server that goes away, as on Ctrl-C, shows in the query
    await administrator.connect();
    try {
      const leftOut = await loadScripts(files, { owner, administrator }, onBytes);
      await owner.query('ANALYZE'); // otherwise the planner would treat every table as empty for the first reader
      return { ...(await measure(owner)), leftOut };
    } finally {
      await administrator.end();
    }
  } finally {
    await owner.end();
  }
}

/** What was left out, in words; empty where nothing was. */
export function leftOutInWords(leftOut: LeftOut): string {
  const kinds = Object.entries(leftOut).map(([kind, statements]) => `${kind} (${statements})`);
  return kinds.length === 0 ? '' : `not loaded: ${kinds.join(', ')}`;
}
