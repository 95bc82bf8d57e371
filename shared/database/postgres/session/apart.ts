import type pg from 'pg';

/**
 * Runs one piece of work of a long transaction apart from the rest: its locks and settings end with it. A transaction that
 * reads thousands of tables would hold a lock on each of them, and on each of their indexes, until its end.
 *
 * @param client in a transaction that only reads
 */
export async function apart<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await begin(client);
  try {
    const result = await work();
    await end(client);
    return result;
  } catch (error) {
    // The connection may be lost. Then nothing is left to end.
    await end(client).catch(() => {});
    throw error;
  }
}

/** As `apart`, for work that yields piece by piece. A reader that stops early leaves the connection as it is. */
export async function* apartInPieces<T>(client: pg.Client, work: () => AsyncIterable<T>): AsyncGenerator<T> {
  await begin(client);
  try {
    yield* work();
  } catch (error) {
    await end(client).catch(() => {});
    throw error;
  }
  await end(client);
}

async function begin(client: pg.Client): Promise<void> {
  await client.query('SAVEPOINT apart');
}

async function end(client: pg.Client): Promise<void> {
  await client.query('ROLLBACK TO SAVEPOINT apart; RELEASE SAVEPOINT apart');
}
