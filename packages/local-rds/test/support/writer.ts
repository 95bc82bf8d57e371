import pg from 'pg';

/** Writes numbered rows, one transaction each, for as long as its instance answers, and knows which were acknowledged. */
export interface Writer {
  readonly acknowledged: number;
  /** How often it was cut off. */
  readonly interruptions: number;
  /** Resolves when so many more rows are acknowledged. */
  more(count: number): Promise<void>;
  /** Connects again where it was cut off. */
  goOn(): void;
  /** Numbers that were acknowledged and are not in the table. */
  lost(): Promise<number[]>;
  stop(): Promise<void>;
}

/** @param connection how to reach the instance now */
export async function startWriter(connection: () => Promise<pg.ClientConfig>): Promise<Writer> {
  const acknowledged: number[] = [];
  const waiting = new Set<() => void>();
  let interruptions = 0;
  let resume = Promise.withResolvers<void>();
  let stopped = false;
  let next = 0;

  async function connected<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client(await connection());
    client.on('error', () => {}); // the query that is under way is told
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => {});
    }
  }

  async function write(client: pg.Client): Promise<void> {
    while (!stopped) {
      next += 1;
      await client.query('INSERT INTO written VALUES ($1)', [next]);
      acknowledged.push(next);
      for (const look of waiting) look();
    }
  }

  async function work(): Promise<void> {
    while (!stopped) {
      try {
        await connected(write);
      } catch {
        interruptions += 1;
        await resume.promise;
      }
    }
  }

  await connected((client) => client.query('CREATE TABLE IF NOT EXISTS written (n bigint PRIMARY KEY)'));
  const working = work();
  return {
    get acknowledged() {
      return acknowledged.length;
    },
    get interruptions() {
      return interruptions;
    },
    more(count) {
      const wanted = acknowledged.length + count;
      return new Promise((resolve) => {
        const look = () => {
          if (acknowledged.length < wanted) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
    },
    goOn() {
      resume.resolve();
      resume = Promise.withResolvers();
    },
    lost: () =>
      connected(async (client) => {
        const { rows } = await client.query(
          'SELECT n::int FROM unnest($1::bigint[]) AS n EXCEPT SELECT n::int FROM written ORDER BY 1',
          [acknowledged],
        );
        return rows.map(({ n }) => n as number);
      }),
    async stop() {
      stopped = true;
      resume.resolve();
      await working;
    },
  };
}
