import {
  type AttributeValue,
  BatchExecuteStatementCommand,
  type BatchStatementRequest,
  type BatchStatementResponse,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Timer } from '../clock/clock.ts';
import { LedgerUnavailable } from './ledger.ts';

/** How one statement ended: `refused` by a condition, or done, with the item that a SELECT found. */
export type Outcome =
  | { readonly refused: true }
  | { readonly refused: false; readonly item: Readonly<Record<string, AttributeValue>> | null };

/** Seven waits that double from 50 ms, as the SDK's for DynamoDB: some three seconds at the longest. */
const ATTEMPTS = 8;
const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 1_000;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html */
const TRANSIENT: ReadonlySet<string | undefined> = new Set([
  'InternalServerError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'ThrottlingError',
  'TransactionConflict',
]);
const REFUSED: ReadonlySet<string | undefined> = new Set(['ConditionalCheckFailed', 'DuplicateItem']);

/**
 * Runs up to 25 statements of one kind in one call. Each has an outcome of its own; those that DynamoDB had no room for are
 * tried again, alone. Outcomes stand in the order of the statements.
 *
 * @param attempts of each statement, beside those that the client makes of a whole call
 * @throws LedgerUnavailable
 */
export async function runStatements(
  { client, table, clock }: { client: DynamoDBClient; table: string; clock: Timer },
  statements: readonly BatchStatementRequest[],
  attempts = ATTEMPTS,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let waiting = statements.map((statement, index) => ({ statement, index }));
  for (let attempt = 1; waiting.length > 0; attempt++) {
    const responses = await send(waiting.map(({ statement }) => statement));
    waiting = waiting.filter(({ index }, at) => {
      const { Error: error, Item = null } = responses[at] ?? { Error: { Code: undefined } };
      if (error && !REFUSED.has(error.Code)) {
        if (TRANSIENT.has(error.Code) && attempt < attempts) return true;
        throw unavailable(`${error.Code ?? 'no answer'}: ${error.Message ?? ''} (attempt ${attempt})`);
      }
      outcomes[index] = error ? { refused: true } : { refused: false, item: Item };
      return false;
    });
    if (waiting.length > 0) await clock.sleep(backoff(attempt, Math.random()));
  }
  return outcomes;

  async function send(batch: BatchStatementRequest[]): Promise<BatchStatementResponse[]> {
    try {
      return (await client.send(new BatchExecuteStatementCommand({ Statements: batch }))).Responses ?? [];
    } catch (cause) {
      throw unavailable(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), cause);
    }
  }

  function unavailable(what: string, cause?: unknown): LedgerUnavailable {
    return new LedgerUnavailable(`table ${table} of DynamoDB answered ${what}`, { cause });
  }
}

function backoff(attempt: number, random: number): number {
  return random * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
}
