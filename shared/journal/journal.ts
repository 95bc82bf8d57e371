import { type DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Progress } from '../progress/progress.ts';
import type { Machine } from '../run/machine.ts';

/** One run as the journal keeps it. */
export interface JournalRecord {
  readonly machine: Machine;
  readonly runId: string;
  readonly startedAt: string;
  readonly startedBy: string;
  /** What it is about: a database, a dead-letter queue or a rehydration of the plan. */
  readonly subject: string;
  /** `running` until the run is recorded; then its verdict. */
  readonly status: string;
  readonly executionArn: string;
  readonly reason?: string;
  readonly recoveryPoint?: string;
  readonly evidence?: string;
  readonly finishedAt?: string;
  readonly rpoSeconds?: number;
  readonly rtoSeconds?: number;
  readonly progress?: Progress;
}

/** Names the record of a run. The state machine makes the same name when it opens the run. */
export function recordKey(machine: Machine, run: { runId: string; runStartedAt: string }): string {
  return `${run.runStartedAt}#${machine}#${run.runId}`;
}

/**
 * The journal: one record a run, in DynamoDB, keyed by workload and then by time. A record is opened by the state
 * machine, told of progress by its tasks, and closed by record-run.
 */
export interface Journal {
  /** Replaces the record's progress. A record that was never opened is an error. */
  reportProgress(record: string, progress: Progress): Promise<void>;
  /** Closes a record with its outcome. Closing twice with the same outcome changes nothing. */
  close(record: string, outcome: ClosedRecord): Promise<void>;
  /** Newest first. */
  recent(limit: number): Promise<JournalRecord[]>;
  /** One record as it is now; null where there is none. */
  find(record: string): Promise<JournalRecord | null>;
}

export interface ClosedRecord {
  readonly status: string;
  readonly reason: string;
  readonly recoveryPoint: string | null;
  readonly evidence: string;
  readonly finishedAt: string;
  readonly rpoSeconds: number | null;
  readonly rtoSeconds: number | null;
}

export function dynamoJournal(dynamo: DynamoDBClient, table: string, workload: string): Journal {
  const key = (record: string) => ({ workload: { S: workload }, run: { S: record } });
  const query = async (condition: string, values: Record<string, { S: string }>, limit: number) => {
    const { Items = [] } = await dynamo.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: condition,
        ExpressionAttributeNames: { '#w': 'workload', ...(condition.includes('#r') ? { '#r': 'run' } : {}) },
        ExpressionAttributeValues: { ':w': { S: workload }, ...values },
        ScanIndexForward: false,
        Limit: limit,
        ConsistentRead: true,
      }),
    );
    return Items.map((item) => fromItem(item));
  };
  return {
    async reportProgress(record, progress) {
      await dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key(record),
          UpdateExpression: 'SET progress = :progress',
          ConditionExpression: 'attribute_exists(workload)',
          ExpressionAttributeValues: { ':progress': { S: JSON.stringify(progress) } },
        }),
      );
    },
    async close(record, outcome) {
      const values = Object.entries(outcome).filter(([, value]) => value !== null);
      await dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key(record),
          UpdateExpression: `SET ${values.map(([name]) => `#${name} = :${name}`).join(', ')} REMOVE progress`,
          ConditionExpression: 'attribute_exists(workload)',
          ExpressionAttributeNames: Object.fromEntries(values.map(([name]) => [`#${name}`, name])),
          ExpressionAttributeValues: Object.fromEntries(
            values.map(([name, value]) => [
              `:${name}`,
              typeof value === 'number' ? { N: String(value) } : { S: String(value) },
            ]),
          ),
        }),
      );
    },
    recent: (limit) => query('#w = :w', {}, limit),
    find: async (record) => (await query('#w = :w AND #r = :r', { ':r': { S: record } }, 1))[0] ?? null,
  };
}

function fromItem(item: Record<string, { S?: string | undefined; N?: string | undefined }>): JournalRecord {
  const plain = Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, value.N === undefined ? value.S : Number(value.N)]),
  );
  return {
    ...(plain as unknown as JournalRecord),
    ...(typeof plain.progress === 'string' ? { progress: JSON.parse(plain.progress) as Progress } : {}),
  };
}
