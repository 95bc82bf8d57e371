import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  type BatchStatementRequest,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import pLimit from 'p-limit';
import type { Timer } from '../clock/clock.ts';
import { attempts, type Backoff } from '../clock/retry.ts';
import { LedgerUnavailable } from './ledger.ts';

export type Item = Readonly<Record<string, AttributeValue>>;

/**
 * A table that is read and written in parallel batches. Throttled statements and keys are retried without the
 * rest.
 */
export interface LedgerTable {
  /**
   * Runs write statements. If it throws, some may have run, but none is still running.
   *
   * @param attempts for each statement, in addition to the client's own retries of a whole call
   * @returns for each statement, in order: true if it was applied, false if its condition failed
   * @throws LedgerUnavailable
   */
  write(statements: readonly BatchStatementRequest[], attempts?: number): Promise<boolean[]>;
  /**
   * Reads items with strong consistency. A key may occur twice.
   *
   * @returns the items in the order of the keys, null for a missing one
   * @throws LedgerUnavailable
   */
  read(keys: readonly string[]): Promise<(Item | null)[]>;
}

/** Statements in one call. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html */
const STATEMENTS = 25;

/** Items in one call. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const ITEMS = 100;

/** Seven waits that double from 50 ms: about three seconds at the longest. */
const ATTEMPTS = 8;
const BACKOFF: Backoff = { firstMs: 50, longestMs: 1_000, randomPart: 1 };

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html */
const TRANSIENT: ReadonlySet<string | undefined> = new Set([
  'InternalServerError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'ThrottlingError',
  'TransactionConflict',
]);
const REFUSED: ReadonlySet<string | undefined> = new Set(['ConditionalCheckFailed', 'DuplicateItem']);

/** Throttled requests are retried for some seconds; other failures are not. */
export function ledgerTable(client: DynamoDBClient, table: string, clock: Timer): LedgerTable {
  const unavailable = (what: string, cause?: unknown) =>
    new LedgerUnavailable(`table ${table} of DynamoDB answered ${what}`, { cause });

  const answer = async <Answer>(calling: Promise<Answer>): Promise<Answer> => {
    try {
      return await calling;
    } catch (cause) {
      throw unavailable(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), cause);
    }
  };

  async function writeBatch(statements: readonly BatchStatementRequest[], atMost: number) {
    const done: boolean[] = [];
    let waiting = statements.map((statement, index) => ({ statement, index }));
    for await (const attempt of attempts({ atMost, backoff: BACKOFF, clock })) {
      const { Responses = [] } = await answer(
        client.send(
          new BatchExecuteStatementCommand({ Statements: waiting.map(({ statement }) => statement) }),
        ),
      );
      waiting = waiting.filter(({ index }, at) => {
        const { Error: error } = Responses[at] ?? { Error: { Code: undefined } };
        if (error && !REFUSED.has(error.Code)) {
          if (TRANSIENT.has(error.Code) && attempt < atMost) return true;
          throw unavailable(
            `${error.Code ?? 'not to each statement'}: ${error.Message ?? ''} (attempt ${attempt})`,
          );
        }
        done[index] = error === undefined;
        return false;
      });
      if (waiting.length === 0) break;
    }
    return done;
  }

  async function readBatch(keys: readonly string[]) {
    const found: [key: string, item: Item][] = [];
    let waiting: Record<string, AttributeValue>[] = keys.map((key) => ({ key: { S: key } }));
    for await (const _ of attempts({ atMost: ATTEMPTS, backoff: BACKOFF, clock })) {
      const { Responses, UnprocessedKeys } = await answer(
        client.send(
          new BatchGetItemCommand({ RequestItems: { [table]: { Keys: waiting, ConsistentRead: true } } }),
        ),
      );
      for (const item of Responses?.[table] ?? [])
        if (item.key?.S !== undefined) found.push([item.key.S, item]);
      waiting = UnprocessedKeys?.[table]?.Keys ?? [];
      if (waiting.length === 0) return found;
    }
    throw unavailable(`not to each key (attempt ${ATTEMPTS})`);
  }

  return {
    write: (statements, atMost = ATTEMPTS) =>
      inBatches(statements, STATEMENTS, (batch) => writeBatch(batch, atMost)),

    async read(keys) {
      const found = new Map(await inBatches([...new Set(keys)], ITEMS, readBatch));
      return keys.map((key) => found.get(key) ?? null);
    },
  };
}

/** A dry run of thousands of keys must not use up the capacity that writers need. */
const CALLS_AT_ONCE = 8;

/** Throws only after every batch has ended. */
async function inBatches<In, Out>(
  all: readonly In[],
  size: number,
  run: (batch: readonly In[]) => Promise<Out[]>,
): Promise<Out[]> {
  const limited = pLimit(CALLS_AT_ONCE);
  const batches = Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    limited(() => run(all.slice(index * size, (index + 1) * size))),
  );
  await Promise.allSettled(batches);
  return (await Promise.all(batches)).flat();
}
