import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Clock } from '../../clock/clock.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { Batch } from '../../ledger/ledger.ts';
import { Account } from './account.ts';
import { Ended, type Ending } from './ending.ts';

/** The accounts of a run's workers. What is saved here is all that survives a worker. */
export interface AccountStore {
  /**
   * Saves the figures of a worker after a batch, replacing those it saved before. Figures of an earlier batch than the saved
   * one are ignored: they were overtaken.
   *
   * @param ending how the worker ended; null while it works
   */
  save(batch: Batch, account: Account, ending: Ending | null): Promise<void>;
  /** The last batch that an owner saved, of this run or an earlier one; 0 where it saved none. */
  savedBatch(owner: string): Promise<number>;
  /** All workers of the run, in the order of their owners. @throws AccountUnreadable */
  all(): Promise<WorkerAccount[]>;
}

export interface WorkerAccount {
  readonly owner: string;
  /** The last batch that the account knows. */
  readonly batch: number;
  readonly account: Account;
  readonly savedAt: Date;
  /** Null for a worker that still works, or died. */
  readonly ending: Ending | null;
}

/** A saved account cannot be read, so the replay's sum is not known. */
export class AccountUnreadable extends LifeboatError {
  override readonly name = 'AccountUnreadable';
  override readonly kind = 'damaged';
}

const text = z.object({ S: z.string() }).transform(({ S }) => S);
const batchNumber = z.object({ N: z.string().regex(/^\d{1,15}$/) }).transform(({ N }) => Number(N));
/** How a worker ended. The first versions saved it with its reason in one text: `empty: the queue has no more`. */
const SavedEnd = z
  .string()
  .transform((saved) => {
    const [, ended = saved, reason = null] = /^(\w+): (.*)$/s.exec(saved) ?? [];
    return { ended, reason };
  })
  .pipe(z.object({ ended: Ended, reason: z.string().nullable() }));

const Saved = z.object({
  owner: text,
  batch: batchNumber,
  account: z
    .object({ S: z.string() })
    .transform(({ S }, context) => {
      try {
        return JSON.parse(S) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(Account),
  savedAt: text.pipe(z.iso.datetime()).transform((savedAt) => new Date(savedAt)),
  ended: text.pipe(SavedEnd).optional(),
  endReason: text.optional(),
});

/** Accounts in the journal's table, under `<workload>#replay#<run>`, one item a worker. */
export function accountStore(
  client: DynamoDBClient,
  journalTable: string,
  { workload, runId, clock }: { workload: string; runId: string; clock: Clock },
): AccountStore {
  const partitionOf = (run: string) => ({ S: `${workload}#replay#${run}` });
  const partition = partitionOf(runId);
  // An owner's name begins with its run, which may be an earlier one.
  const keyOf = (owner: string) => ({
    workload: partitionOf(owner.split('/')[0] ?? ''),
    run: { S: owner },
  });
  return {
    async save({ owner, number }, account, ending) {
      const saving = new UpdateItemCommand({
        TableName: journalTable,
        Key: keyOf(owner),
        UpdateExpression: `SET #owner = :owner, #batch = :batch, #account = :account, #savedAt = :savedAt${ending === null ? '' : ', #ended = :ended, #endReason = :endReason'}`,
        // Of two saves of one batch, the one that says how the worker ended stands.
        ConditionExpression:
          'attribute_not_exists(#batch) OR #batch < :batch OR (#batch = :batch AND attribute_not_exists(#ended))',
        ExpressionAttributeNames: {
          '#owner': 'owner',
          '#batch': 'batch',
          '#account': 'account',
          '#savedAt': 'savedAt',
          '#ended': 'ended',
          ...(ending === null ? {} : { '#endReason': 'endReason' }),
        },
        ExpressionAttributeValues: {
          ':owner': { S: owner },
          ':batch': { N: String(number) },
          ':account': { S: JSON.stringify(account) },
          ':savedAt': { S: clock.now().toISOString() },
          ...(ending === null ? {} : { ':ended': { S: ending.ended }, ':endReason': { S: ending.reason } }),
        },
      });
      try {
        await client.send(saving);
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },

    async savedBatch(owner) {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: journalTable,
          Key: keyOf(owner),
          ConsistentRead: true,
          ProjectionExpression: '#batch',
          ExpressionAttributeNames: { '#batch': 'batch' },
        }),
      );
      if (!Item) return 0;
      const batch = batchNumber.safeParse(Item.batch);
      if (!batch.success) throw unreadable(journalTable, partition.S, owner, batch.error);
      return batch.data;
    },

    async all() {
      const accounts: WorkerAccount[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName: journalTable,
          KeyConditionExpression: 'workload = :partition',
          ExpressionAttributeValues: { ':partition': partition },
          ConsistentRead: true,
        },
      );
      for await (const { Items = [] } of pages)
        for (const item of Items) {
          const saved = Saved.safeParse(item);
          if (!saved.success)
            throw unreadable(journalTable, partition.S, item.run?.S ?? 'unnamed', saved.error);
          const { ended, endReason, ...account } = saved.data;
          const ending =
            ended === undefined ? null : { ended: ended.ended, reason: endReason ?? ended.reason ?? '' };
          accounts.push({ ...account, ending });
        }
      return accounts;
    },
  };
}

function unreadable(table: string, partition: string, owner: string, error: z.ZodError): AccountUnreadable {
  return new AccountUnreadable(
    `the account of worker "${owner}" (table ${table}, partition "${partition}") cannot be read: ${z.prettifyError(error)}`,
  );
}
