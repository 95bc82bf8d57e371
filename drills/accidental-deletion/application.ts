import pg from 'pg';
import { createPlanInstance } from '../../local/rds/plan-instance.ts';
import { loadSample } from '../../local/sample/load-sample.ts';
import { type Loaded, measure } from '../../local/sample/sample.ts';
import type { LocalAws } from '../../local/start.ts';
import type { Write } from '../../local/writer.ts';
import type { Plan } from '../../shared/plan/schema.ts';

/** An application whose database is an RDS instance of the plan. */
export interface ApplicationOnRds {
  connect(): Promise<pg.Client>;
  /** Fills its database. */
  load(): Promise<Loaded>;
  readonly write: Write;
  /** A statement without its WHERE: every pipeline goes, and its runs with it. */
  deleteEverything(): Promise<Deletion>;
}

/** What the accident deleted, and when. */
export interface Deletion {
  readonly at: Date;
  readonly pipelines: number;
}

/** Creates the instance of a database of the plan. @param scale 1 is about 1 GB */
export async function openApplication(
  aws: LocalAws,
  plan: Plan,
  { database, scale }: { database: string; scale: number },
): Promise<ApplicationOnRds> {
  const connection = await createPlanInstance(aws, plan, database);
  const connect = async () => {
    const client = new pg.Client(connection);
    client.on('error', () => {}); // a server that disconnects, as on Ctrl-C, makes the query fail
    await client.connect();
    return client;
  };
  const on = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = await connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  return {
    connect,
    load: () =>
      on(async (client) => {
        await loadSample(client, 'healing-guard', { scale });
        return measure(client);
      }),
    // Without a heartbeat: that is Lifeboat's own here, as it is deployed.
    async write(client, at) {
      await client.query(
        `INSERT INTO runs (pipeline_id, status, seconds, log, finished_at)
         SELECT min(id), 'passed', 1, 'all tests passed', $1 FROM pipelines HAVING min(id) IS NOT NULL`,
        [at],
      );
    },
    deleteEverything: () =>
      on(async (client) => {
        const { rows } = await client.query<{ at: Date }>('SELECT clock_timestamp() AS at');
        const { rowCount } = await client.query('DELETE FROM pipelines');
        return { at: rows[0]?.at ?? new Date(), pipelines: rowCount ?? 0 };
      }),
  };
}
