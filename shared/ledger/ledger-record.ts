import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { LedgerDamaged } from './ledger.ts';

const text = z.object({ S: z.string() }).transform(({ S }) => S);
const whole = z.object({ N: z.string().regex(/^\d{1,16}$/) }).transform(({ N }) => Number(N));
const flag = z.object({ BOOL: z.boolean() }).transform(({ BOOL }) => BOOL);

/** Fields that every record has. */
const common = {
  /** The owner that claimed it last, and the number of that claim. */
  owner: text,
  claim: whole,
  /** Milliseconds since 1970. */
  leaseUntil: whole,
  /** SQS's id of the first message with this key. */
  bodyHash: text,
  /** SQS's id of the message of the last claim. */
  messageId: text,
  /** Number of claims before the last one; none of them settled it. */
  attempts: whole.default(0),
  /** An earlier attempt may have reached the target. Stays true whatever later attempts find. */
  unknown: flag.default(false),
  /** The last run in which the target failed it; absent if it never did. */
  failedRun: text.optional(),
  /** The target failed it in a run before that one. */
  failedBefore: flag.default(false),
  /** Runs before that one in which the target failed it although it accepted others. */
  failedRunsBefore: whole.default(0),
  /** In the last run that failed it, the target accepted others. */
  acceptedOthers: flag.default(false),
};
const state = <const State extends string>(...states: State[]) =>
  z.object({ S: z.enum(states) }).transform(({ S }) => S);

const RecordItem = z.union([
  z.object({ ...common, state: state('claimed', 'open', 'unknown') }),
  z.object({ ...common, state: state('delivered', 'quarantined'), batch: whole }),
]);

/** The ledger's record of a key. */
export type LedgerRecord = z.output<typeof RecordItem>;

/** Parses a record as DynamoDB stores it. @throws LedgerDamaged */
export function parseRecord(item: Readonly<Record<string, AttributeValue>>): LedgerRecord {
  const record = RecordItem.safeParse(item);
  if (record.success) return record.data;
  throw new LedgerDamaged(
    `the ledger's record "${item.key?.S}" cannot be read, so that it is not known whether its message took effect: ` +
      `${z.prettifyError(record.error)}. Find out, and correct or delete the record`,
  );
}

/**
 * DynamoDB's size limit for a partition key.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const KEY_BYTES = 2048;

/** The primary key of a record. A key too long for DynamoDB is stored as its sha256. */
export function recordKey(scope: string, key: string): string {
  const whole = `${scope}#${key}`;
  if (Buffer.byteLength(whole) <= KEY_BYTES) return whole;
  return `${scope}#sha256:${createHash('sha256').update(key).digest('hex')}`;
}
