import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Progress } from '../progress/progress.ts';
import { type Journal, type JournalRecord, RecordMissing, recordKey, type Verification } from './journal.ts';

/**
 * The journal in DynamoDB: the workload is the partition, and a record's name sorts it by time. Verified recovery points have a
 * partition beside it, sorted by backup and recovery point. No workload has "#" in its name.
 */
export function dynamoJournal(dynamo: DynamoDBClient, table: string, workload: string): Journal {
  const verifications = `${workload}#verified`;
  const query = async <Kept>(
    condition: string,
    values: Readonly<Record<string, { S: string }>>,
    limit: number,
    read: (item: Record<string, AttributeValue>) => Kept,
  ) => {
    // An answer holds 1 MB at most, and a record that lists released messages is large.
    const pages = paginateQuery(
      { client: dynamo },
      {
        TableName: table,
        KeyConditionExpression: condition,
        ExpressionAttributeNames: { '#w': 'workload', ...(condition.includes('#r') ? { '#r': 'run' } : {}) },
        ExpressionAttributeValues: values,
        ScanIndexForward: false,
        Limit: limit,
        ConsistentRead: true,
      },
    );
    const records: Kept[] = [];
    for await (const { Items = [] } of pages) {
      records.push(...Items.map(read));
      if (records.length >= limit) break;
    }
    return records.slice(0, limit);
  };
  const update = async (
    record: string,
    change: Pick<
      UpdateItemCommandInput,
      'UpdateExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
    >,
  ) => {
    try {
      await dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { workload: { S: workload }, run: { S: record } },
          ConditionExpression: 'attribute_exists(workload)',
          ...change,
        }),
      );
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) throw new RecordMissing(record, { cause });
      throw cause;
    }
  };
  return {
    async write(record) {
      const run = recordKey(record.machine, { runId: record.runId, runStartedAt: record.startedAt });
      await dynamo.send(new PutItemCommand({ TableName: table, Item: toItem({ ...record, workload, run }) }));
    },
    reportProgress: (record, progress) =>
      update(record, {
        UpdateExpression: 'SET progress = :progress',
        ExpressionAttributeValues: { ':progress': { S: JSON.stringify(progress) } },
      }),
    close(record, outcome) {
      const values = toItem(outcome);
      const names = Object.keys(values);
      return update(record, {
        UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')} REMOVE progress`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(
          Object.entries(values).map(([name, value]) => [`:${name}`, value]),
        ),
      });
    },
    recent: (limit) => query('#w = :w', { ':w': { S: workload } }, limit, fromItem),
    async find(record) {
      const named = { ':w': { S: workload }, ':r': { S: record } };
      return (await query('#w = :w AND #r = :r', named, 1, fromItem))[0] ?? null;
    },
    async noteVerified(verification) {
      const run = verificationKey(verification, verification.recoveryPoint);
      const Item = toItem({ ...verification, workload: verifications, run });
      await dynamo.send(new PutItemCommand({ TableName: table, Item }));
    },
    verified(of, limit) {
      const start = { ':w': { S: verifications }, ':r': { S: verificationKey(of, '') } };
      return query('#w = :w AND begins_with(#r, :r)', start, limit, toVerification);
    },
  };
}

/** Sorts verified recovery points by backup, then by time, because their ids begin with it. */
function verificationKey(
  { database, backup }: Pick<Verification, 'database' | 'backup'>,
  recoveryPoint: string,
): string {
  return `${database}/${backup}/${recoveryPoint}`;
}

function toVerification(item: Record<string, AttributeValue>): Verification {
  const text = (name: string) => item[name]?.S ?? '';
  return {
    database: text('database'),
    backup: text('backup'),
    recoveryPoint: text('recoveryPoint'),
    runId: text('runId'),
    verifiedAt: text('verifiedAt'),
  };
}

/** Text and numbers as they are, progress and messages as JSON, and nothing for null. */
function toItem(fields: object): Record<string, AttributeValue> {
  const given = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [
      name,
      typeof value === 'number'
        ? { N: String(value) }
        : { S: typeof value === 'object' ? JSON.stringify(value) : String(value) },
    ]),
  );
}

function fromItem(item: Record<string, AttributeValue>): JournalRecord {
  const plain = Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, value.N === undefined ? value.S : Number(value.N)]),
  );
  return {
    ...(plain as unknown as JournalRecord),
    ...(typeof plain.progress === 'string' ? { progress: JSON.parse(plain.progress) as Progress } : {}),
    ...(typeof plain.messages === 'string' ? { messages: JSON.parse(plain.messages) as string[] } : {}),
  };
}
