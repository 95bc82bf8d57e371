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
import {
  type Announced,
  HEARTBEATS_KEPT_DAYS,
  type Journal,
  type JournalRecord,
  RecordMissing,
  type RecoveryPointName,
  type RecoveryPointRecord,
  recordKey,
  seriesKey,
  type Taken,
  type Verified,
} from './journal.ts';

type Item = Record<string, AttributeValue>;

const DAY_SECONDS = 86_400;

/**
 * The journal in DynamoDB: the workload is the partition, and a record's name sorts it by time. Recovery points have a
 * partition beside it, sorted by backup and recovery point, and so have what was announced and the heartbeats. No workload has
 * "#" in its name. DynamoDB deletes old heartbeats (resources/journal.yml).
 */
export function dynamoJournal(dynamo: DynamoDBClient, table: string, workload: string): Journal {
  const points = `${workload}#recovery-points`;
  const announcements = `${workload}#announcements`;
  const heartbeats = `${workload}#heartbeats`;
  const query = async <Kept>(
    condition: string,
    values: Readonly<Record<string, { S: string }>>,
    limit: number,
    read: (item: Item) => Kept,
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
        ...(Number.isFinite(limit) && { Limit: limit }),
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
    async noteRecoveryPoint(name, note) {
      const values = toItem({ ...name, ...note });
      const names = Object.keys(values);
      await dynamo.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { workload: { S: points }, run: { S: pointKey(name) } },
          UpdateExpression: `SET ${names.map((each) => `#${each} = :${each}`).join(', ')}`,
          ExpressionAttributeNames: Object.fromEntries(names.map((each) => [`#${each}`, each])),
          ExpressionAttributeValues: Object.fromEntries(
            Object.entries(values).map(([each, value]) => [`:${each}`, value]),
          ),
        }),
      );
    },
    recoveryPoints(of, limit) {
      const start = { ':w': { S: points }, ':r': { S: pointKey({ ...of, recoveryPoint: '' }) } };
      return query('#w = :w AND begins_with(#r, :r)', start, limit, toRecoveryPoint);
    },
    async noteHeartbeat(database, at) {
      const expiration = Math.ceil(at.getTime() / 1_000) + (HEARTBEATS_KEPT_DAYS + 1) * DAY_SECONDS;
      const Item = toItem({ workload: heartbeats, run: beatKey(database, at), expiration });
      await dynamo.send(new PutItemCommand({ TableName: table, Item }));
    },
    heartbeats(database, { from, to }) {
      const span = {
        ':w': { S: heartbeats },
        ':from': { S: beatKey(database, from) },
        ':to': { S: beatKey(database, to) },
      };
      const between = '#w = :w AND #r BETWEEN :from AND :to';
      return query(between, span, Number.POSITIVE_INFINITY, ({ run }) => beatOf(run?.S ?? ''));
    },
    async announced(series) {
      const named = { ':w': { S: announcements }, ':r': { S: seriesKey(series) } };
      const [found] = await query('#w = :w AND #r = :r', named, 1, ({ announced }) => announced?.S);
      return found === undefined ? null : (JSON.parse(found) as Announced);
    },
  };
}

/** Sorts recovery points by backup, then by time, because their ids begin with it. */
function pointKey({ database, backup, recoveryPoint }: RecoveryPointName): string {
  return `${database}/${backup}/${recoveryPoint}`;
}

/** Sorts the heartbeats of a database by time. */
function beatKey(database: string, at: Date): string {
  return `${database}/${at.toISOString()}`;
}

function beatOf(key: string): Date {
  return new Date(key.slice(key.lastIndexOf('/') + 1));
}

function toRecoveryPoint({
  database,
  backup,
  recoveryPoint,
  taken,
  verified,
  read,
  label,
}: Item): RecoveryPointRecord {
  return {
    database: database?.S ?? '',
    backup: backup?.S ?? '',
    recoveryPoint: recoveryPoint?.S ?? '',
    taken: taken?.S === undefined ? null : (JSON.parse(taken.S) as Taken),
    verified: verified?.S === undefined ? null : (JSON.parse(verified.S) as Verified),
    read: read?.S === undefined ? null : (JSON.parse(read.S) as Verified),
    label: label?.S ?? null,
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

/** Every field of a record, in the order in which it is printed. The type demands that none is missing. */
const FIELDS = Object.keys({
  machine: 0,
  runId: 0,
  startedAt: 0,
  startedBy: 0,
  subject: 0,
  backup: 0,
  status: 0,
  executionArn: 0,
  reason: 0,
  recoveryPoint: 0,
  label: 0,
  evidence: 0,
  finishedAt: 0,
  rpoSeconds: 0,
  rtoSeconds: 0,
  progress: 0,
  messages: 0,
} satisfies Record<keyof JournalRecord, 0>);

/** Reads a record, without what an item has besides: its keys, and what else the state machine notes. */
function fromItem(item: Item): JournalRecord {
  const plain: Record<string, unknown> = Object.fromEntries(
    FIELDS.flatMap((name) => {
      const value = item[name];
      return value ? [[name, value.N === undefined ? value.S : Number(value.N)]] : [];
    }),
  );
  return {
    ...(plain as unknown as JournalRecord),
    ...(typeof plain.progress === 'string' ? { progress: JSON.parse(plain.progress) as Progress } : {}),
    ...(typeof plain.messages === 'string' ? { messages: JSON.parse(plain.messages) as string[] } : {}),
  };
}
