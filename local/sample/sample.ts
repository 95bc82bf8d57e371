import pg from 'pg';
import { LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import type { LocalAws } from '../start.ts';
import type { Write } from '../writer.ts';
import { loadSample } from './load-sample.ts';
import { eventsOf } from './write-event.ts';

/** Fills a plan's database as its application would. */
export interface Sample {
  /** The database of the plan that it fills. */
  readonly database: string;
  /** The restore test that a drill runs after the disaster. */
  readonly restoreTest: string;
  /** The queue of the plan whose receiver writes into that database. */
  readonly queue: string;
  load(aws: LocalAws, scale: number): Promise<Loaded>;
  /** One write of the application. */
  readonly write: Write;
}

/** The loaded data, as counted by the server. */
export interface Loaded {
  readonly tables: number;
  readonly bytes: number;
}

/** This workload has no sample data. */
export class NoSampleData extends LifeboatError {
  override readonly name = 'NoSampleData';
  override readonly kind = 'usage';

  constructor(workload: string) {
    super(`there is no sample data for workload "${workload}": only for ${Object.keys(SAMPLES).join(', ')}`, {
      hint:
        'Drill with your own schema and data, a script of pg_dump: --load my.sql\n' +
        'Or with empty databases: lifeboat local --no-data',
    });
  }
}

const SAMPLES: Readonly<Record<string, Sample>> = {
  mailblast: {
    database: 'main',
    restoreTest: 'nightly',
    queue: 'webhook-events',
    load: (aws, scale) =>
      asOwner(aws, 'main', async (client) => {
        await loadSample(client, 'mailblast', { scale });
        return measure(client);
      }),
    write: eventsOf('mailblast'),
  },
};

/** Whether there is sample data for a plan. */
export function hasSample({ workload }: Plan): boolean {
  return Object.hasOwn(SAMPLES, workload);
}

/** The sample of a plan. @throws NoSampleData */
export function sampleOf({ workload }: Plan): Sample {
  const sample = Object.hasOwn(SAMPLES, workload) ? SAMPLES[workload] : undefined;
  if (!sample) throw new NoSampleData(workload);
  return sample;
}

/** Connects as the application does: as the database's owner, who is not a superuser. */
export async function connectAsOwner(aws: LocalAws, database: string): Promise<pg.Client> {
  const client = new pg.Client(aws.databases[database]);
  client.on('error', () => {}); // a server that disconnects, as on Ctrl-C, makes the query fail
  await client.connect();
  return client;
}

/** Runs work on a database as the application does. */
export async function asOwner<T>(
  aws: LocalAws,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connectAsOwner(aws, database);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Counts what a database holds, without Lifeboat's own schema. */
export async function measure(client: pg.Client): Promise<Loaded> {
  const { rows } = await client.query<Loaded>(
    `SELECT pg_catalog.count(*)::int AS tables, pg_catalog.pg_database_size(pg_catalog.current_database())::float8 AS bytes
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'lifeboat')`,
  );
  return rows[0] ?? { tables: 0, bytes: 0 };
}
