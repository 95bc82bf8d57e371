import pg from 'pg';
import { LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import type { LocalAws } from '../start.ts';
import { loadMailblast } from './load-mailblast.ts';

/** Fills a plan's database as its application would. */
export interface Sample {
  /** The database of the plan that it fills. */
  readonly database: string;
  /** The queue of the plan whose receiver writes into that database. */
  /** The restore test that a drill runs after the disaster. */
  readonly restoreTest: string;
  readonly queue: string;
  load(aws: LocalAws, scale: number): Promise<Loaded>;
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
    super(
      `there is no sample data for workload "${workload}", and no application that writes to it: only for ${Object.keys(SAMPLES).join(', ')}.\n` +
        `They would stand in local/sample/, beside those of ${Object.keys(SAMPLES).join(', ')}.\n` +
        'Without them: "lifeboat local" starts the databases of this plan empty, and "lifeboat restore-test" tests what is deployed.',
    );
  }
}

const SAMPLES: Readonly<Record<string, Sample>> = {
  mailblast: {
    database: 'main',
    restoreTest: 'nightly',
    queue: 'webhook-events',
    load: (aws, scale) =>
      asOwner(aws, 'main', async (client) => {
        await loadMailblast(client, { scale });
        return measure(client);
      }),
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

async function measure(client: pg.Client): Promise<Loaded> {
  const { rows } = await client.query<Loaded>(
    `SELECT count(*)::int AS tables, pg_database_size(current_database())::float8 AS bytes
     FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  return rows[0] ?? { tables: 0, bytes: 0 };
}
