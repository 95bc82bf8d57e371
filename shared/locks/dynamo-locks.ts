import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Clock } from '../clock/clock.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';

/** Who holds what only one may do at a time. The state machines take and release; here it is only looked at. */
export interface Locks {
  /** @returns null where nobody holds it, or where its time ran out. @throws LockUnreadable */
  holder(name: string): Promise<Holder | null>;
}

export interface Holder {
  readonly owner: string;
  readonly until: Date;
}

/** A lock is there, and does not say who holds it until when: whether it is held cannot be known. */
export class LockUnreadable extends LifeboatError {
  override readonly name = 'LockUnreadable';
  override readonly kind = 'damaged';
}

const Lock = z.object({
  owner: z.object({ S: z.string().min(1) }).transform(({ S }) => S),
  until: z.object({ N: z.string().regex(/^\d{1,16}$/) }).transform(({ N }) => new Date(Number(N))),
});

/** Locks in the ledger's table: the item `lock#<name>` with its owner, and until when, in milliseconds. */
export function dynamoLocks(client: DynamoDBClient, table: string, clock: Clock): Locks {
  return {
    async holder(name) {
      const key = `lock#${name}`;
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: { key: { S: key } }, ConsistentRead: true }),
      );
      if (!Item) return null;
      const lock = Lock.safeParse(Item);
      if (!lock.success)
        throw new LockUnreadable(
          `the item "${key}" in table ${table} is no lock: ${z.prettifyError(lock.error)}. Delete it if nothing runs that took it`,
        );
      return lock.data.until > clock.now() ? lock.data : null;
    },
  };
}
