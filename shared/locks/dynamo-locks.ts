import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Clock } from '../clock/clock.ts';
import { CLOCK_TOLERANCE_MS, type Holder, type Locks, LockUnreadable } from './locks.ts';

type Item = Record<string, AttributeValue>;

const Lock = z.object({
  owner: z.object({ S: z.string().min(1) }).transform(({ S }) => S),
  until: z.object({ N: z.string().regex(/^\d{1,16}$/) }).transform(({ N }) => new Date(Number(N))),
});

/** The table forgets a lock so many seconds after its end. */
const KEPT_SECONDS = 86_400;

const NAMES = { '#owner': 'owner', '#until': 'until' };

/**
 * Locks in the ledger's table, by conditional writes: the item `lock#<name>` with its owner, and its end in milliseconds.
 * The state machines write the same items.
 */
export function dynamoLocks(client: DynamoDBClient, table: string, clock: Clock): Locks {
  const keyOf = (name: string) => ({ key: { S: `lock#${name}` } });
  const endOf = (leaseMs: number) => {
    const until = clock.now().getTime() + leaseMs;
    const expiration = Math.ceil(until / 1000) + KEPT_SECONDS;
    return { until, attributes: { until: { N: String(until) }, expiration: { N: String(expiration) } } };
  };

  const read = (name: string, item: Item): Holder => {
    const lock = Lock.safeParse(item);
    if (lock.success) return lock.data;
    throw new LockUnreadable(
      `the item "lock#${name}" in table ${table} is not a lock: ${z.prettifyError(lock.error)}. Delete it if nothing runs that took it`,
    );
  };

  /** Writes where the condition holds. @returns null, or the item that stood against it */
  const refusalOf = async (
    name: string,
    writing: Promise<unknown>,
  ): Promise<{ holder: Holder | null } | null> => {
    try {
      await writing;
      return null;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { holder: error.Item ? read(name, error.Item) : null };
    }
  };

  return {
    async take(name, owner, leaseMs) {
      const { until, attributes } = endOf(leaseMs);
      const ranOut = clock.now().getTime() - CLOCK_TOLERANCE_MS;
      const refusal = await refusalOf(
        name,
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...keyOf(name), owner: { S: owner }, ...attributes },
            ConditionExpression: 'attribute_not_exists(#key) OR #owner = :owner OR #until < :ranOut',
            ExpressionAttributeNames: { ...NAMES, '#key': 'key' },
            ExpressionAttributeValues: { ':owner': { S: owner }, ':ranOut': { N: String(ranOut) } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return refusal ? { held: false, ...refusal } : { held: true, until: new Date(until) };
    },

    async extend(name, owner, leaseMs) {
      const { until, attributes } = endOf(leaseMs);
      const refusal = await refusalOf(
        name,
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(name),
            UpdateExpression: 'SET #until = :until, #expiration = :expiration',
            ConditionExpression: '#owner = :owner AND #until > :now',
            ExpressionAttributeNames: { ...NAMES, '#expiration': 'expiration' },
            ExpressionAttributeValues: {
              ':owner': { S: owner },
              ':now': { N: String(clock.now().getTime()) },
              ':until': attributes.until,
              ':expiration': attributes.expiration,
            },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return refusal
        ? { held: false, holder: current(refusal.holder, clock) }
        : { held: true, until: new Date(until) };
    },

    async release(name, owner) {
      const refusal = await refusalOf(
        name,
        client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: keyOf(name),
            ConditionExpression: '#owner = :owner',
            ExpressionAttributeNames: { '#owner': 'owner' },
            ExpressionAttributeValues: { ':owner': { S: owner } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return refusal ? { released: false, holder: current(refusal.holder, clock) } : { released: true };
    },

    async holder(name) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(name), ConsistentRead: true }),
      );
      return Item ? current(read(name, Item), clock) : null;
    },
  };
}

/** @returns null for one whose time has run out */
function current(holder: Holder | null, clock: Clock): Holder | null {
  return holder && holder.until > clock.now() ? holder : null;
}
