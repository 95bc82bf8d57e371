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

const Text = z.object({ S: z.string().min(1) }).transform(({ S }) => S);

const Lock = z.object({
  owner: Text,
  until: z.object({ N: z.string().regex(/^\d{1,16}$/) }).transform(({ N }) => new Date(Number(N))),
  note: Text.optional(),
  reservedFor: Text.optional(),
});

/** A lock that was reserved before anybody held it. */
const Reservation = z.object({
  owner: z.undefined().optional(),
  until: z.undefined().optional(),
  reservedFor: Text,
});

/** What an item says: who held the lock last, and for whom it is reserved. */
interface State {
  readonly last: Holder | null;
  readonly reservedFor?: string | undefined;
}

/** The table forgets a lock so many seconds after its end. */
const KEPT_SECONDS = 86_400;

const NAMES = { '#owner': 'owner', '#until': 'until' };

/** No other owner waits for the lock. */
const NOT_RESERVED = '(attribute_not_exists(#reservedFor) OR #reservedFor = :owner)';
const RESERVED_FOR = { '#reservedFor': 'reservedFor' };

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

  const read = (name: string, item: Item): State => {
    const reservation = Reservation.safeParse(item);
    if (reservation.success) return { last: null, reservedFor: reservation.data.reservedFor };
    const lock = Lock.safeParse(item);
    if (lock.success) {
      const { reservedFor, note, ...holder } = lock.data;
      return { last: note === undefined ? holder : { ...holder, note }, reservedFor };
    }
    throw new LockUnreadable(
      `the item "lock#${name}" in table ${table} is not a lock: ${z.prettifyError(lock.error)}. Delete it if nothing runs that took it`,
    );
  };

  /** Writes where the condition holds. @returns null, or the item that stood against it */
  const refusalOf = async (name: string, writing: Promise<unknown>): Promise<State | null> => {
    try {
      await writing;
      return null;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return error.Item ? read(name, error.Item) : { last: null };
    }
  };

  /** Ends the time of a lock that is reserved: the reservation stays. */
  const endHolding = (name: string, owner: string) =>
    new UpdateItemCommand({
      TableName: table,
      Key: keyOf(name),
      UpdateExpression: 'REMOVE #owner, #until, #note',
      ConditionExpression: '#owner = :owner AND attribute_exists(#reservedFor)',
      ExpressionAttributeNames: { ...NAMES, ...RESERVED_FOR, '#note': 'note' },
      ExpressionAttributeValues: { ':owner': { S: owner } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });

  /** How a refusal is told to an owner. */
  const refused = (owner: string, { reservedFor }: State, holder: Holder | null) => ({
    held: false as const,
    holder,
    ...(reservedFor !== undefined && reservedFor !== owner && { reservedFor }),
  });

  return {
    async take(name, owner, leaseMs, note) {
      const { until, attributes } = endOf(leaseMs);
      const ranOut = clock.now().getTime() - CLOCK_TOLERANCE_MS;
      const refusal = await refusalOf(
        name,
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...keyOf(name), owner: { S: owner }, ...attributes, ...(note && { note: { S: note } }) },
            // An item without an owner is a reservation.
            ConditionExpression: `(attribute_not_exists(#key) OR #owner = :owner OR #until < :ranOut OR (attribute_not_exists(#owner) AND #reservedFor = :owner)) AND ${NOT_RESERVED}`,
            ExpressionAttributeNames: { ...NAMES, ...RESERVED_FOR, '#key': 'key' },
            ExpressionAttributeValues: { ':owner': { S: owner }, ':ranOut': { N: String(ranOut) } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return refusal ? refused(owner, refusal, refusal.last) : { held: true, until: new Date(until) };
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
            ConditionExpression: `#owner = :owner AND #until > :now AND ${NOT_RESERVED}`,
            ExpressionAttributeNames: { ...NAMES, ...RESERVED_FOR, '#expiration': 'expiration' },
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
        ? refused(owner, refusal, current(refusal.last, clock))
        : { held: true, until: new Date(until) };
    },

    async release(name, owner) {
      const refusal = await refusalOf(
        name,
        client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: keyOf(name),
            ConditionExpression: '#owner = :owner AND attribute_not_exists(#reservedFor)',
            ExpressionAttributeNames: { '#owner': 'owner', ...RESERVED_FOR },
            ExpressionAttributeValues: { ':owner': { S: owner } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      if (!refusal) return { released: true };
      const holder = current(refusal.last, clock);
      if (refusal.last?.owner !== owner || refusal.reservedFor === undefined)
        return { released: false, holder };
      const stillHeld = await refusalOf(name, client.send(endHolding(name, owner)));
      return stillHeld ? { released: false, holder: current(stillHeld.last, clock) } : { released: true };
    },

    async reserve(name, owner) {
      let found: Item | undefined;
      const refusal = await refusalOf(
        name,
        client
          .send(
            new UpdateItemCommand({
              TableName: table,
              Key: keyOf(name),
              // The table must not forget a reservation.
              UpdateExpression: 'SET #reservedFor = :owner REMOVE #expiration',
              ConditionExpression: NOT_RESERVED,
              ExpressionAttributeNames: { ...RESERVED_FOR, '#expiration': 'expiration' },
              ExpressionAttributeValues: { ':owner': { S: owner } },
              ReturnValues: 'ALL_NEW',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          )
          .then(({ Attributes }) => {
            found = Attributes;
          }),
      );
      if (refusal) return { reserved: false, reservedFor: refusal.reservedFor ?? 'an unknown owner' };
      return { reserved: true, last: found ? read(name, found).last : null };
    },

    async unreserve(name, owner) {
      const expiration = Math.ceil(clock.now().getTime() / 1000) + KEPT_SECONDS;
      await refusalOf(
        name,
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(name),
            UpdateExpression: 'SET #expiration = :expiration REMOVE #reservedFor',
            ConditionExpression: '#reservedFor = :owner AND attribute_exists(#owner)',
            ExpressionAttributeNames: { ...RESERVED_FOR, '#owner': 'owner', '#expiration': 'expiration' },
            ExpressionAttributeValues: {
              ':owner': { S: owner },
              ':expiration': { N: String(expiration) },
            },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      // One that nobody held before is nothing but the reservation.
      await refusalOf(
        name,
        client.send(
          new DeleteItemCommand({
            TableName: table,
            Key: keyOf(name),
            ConditionExpression: '#reservedFor = :owner AND attribute_not_exists(#owner)',
            ExpressionAttributeNames: { ...RESERVED_FOR, '#owner': 'owner' },
            ExpressionAttributeValues: { ':owner': { S: owner } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
    },

    async holder(name) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(name), ConsistentRead: true }),
      );
      return Item ? current(read(name, Item).last, clock) : null;
    },
  };
}

/** @returns null for one whose time has run out */
function current(holder: Holder | null, clock: Clock): Holder | null {
  return holder && holder.until > clock.now() ? holder : null;
}
