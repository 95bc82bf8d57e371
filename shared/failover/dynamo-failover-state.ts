import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { type FailoverState, FailoverStateContended, FailoverStateUnreadable } from './failover-state.ts';
import { remember, type Sighting } from './sighting.ts';

const SIGHTINGS = 'sightings';
/** The kill switch. An operator writes it: docs/runbook.md. */
const SWITCH = 'automatic-failover';

const time = z.iso.datetime().transform((text) => new Date(text));

const Sightings = z.array(
  z.object({
    signal: z.string(),
    subject: z.string(),
    seen: z.enum(['healthy', 'failing', 'unknown']),
    from: time,
    until: time,
    detail: z.string(),
  }),
);

const SightingsItem = z.object({
  version: z.object({ N: z.string() }).transform(({ N }) => Number(N)),
  seen: z.object({ S: z.string() }).transform(({ S }) => Sightings.parse(JSON.parse(S))),
});

const text = z.object({ S: z.string().min(1) }).transform(({ S }) => S);
const SwitchItem = z.object({ since: text.pipe(time), by: text, reason: text });

/** Two watchers write at the same time at most; each loses once. */
const ATTEMPTS = 5;

/** Keeps the state in two items of a table of the standby Region. */
export function dynamoFailoverState(client: DynamoDBClient, table: string): FailoverState {
  async function read<Item extends z.ZodType>(name: string, item: Item): Promise<z.output<Item> | null> {
    const { Item: found } = await client.send(
      new GetItemCommand({ TableName: table, Key: { key: { S: name } }, ConsistentRead: true }),
    );
    if (!found) return null;
    try {
      return item.parse(found);
    } catch (cause) {
      throw new FailoverStateUnreadable(
        `the item "${name}" in table ${table} is not readable by this version`,
        {
          cause,
          hint:
            name === SWITCH
              ? 'write it with the texts "since" (a time), "by" and "reason", or delete it'
              : 'delete it: the watch begins anew, and no signal counts before it was seen healthy again',
        },
      );
    }
  }

  /** @returns false if another writer was faster */
  async function write(sightings: readonly Sighting[], version: number): Promise<boolean> {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            key: { S: SIGHTINGS },
            version: { N: String(version + 1) },
            seen: { S: JSON.stringify(sightings) },
          },
          ConditionExpression: version === 0 ? 'attribute_not_exists(#key)' : '#version = :version',
          ExpressionAttributeNames: version === 0 ? { '#key': 'key' } : { '#version': 'version' },
          ...(version === 0 ? {} : { ExpressionAttributeValues: { ':version': { N: String(version) } } }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    async sightings() {
      return (await read(SIGHTINGS, SightingsItem))?.seen ?? [];
    },
    async addSightings(seen, subjects, now) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const before = await read(SIGHTINGS, SightingsItem);
        const kept = remember([...(before?.seen ?? []), ...seen], subjects, now);
        if (await write(kept, before?.version ?? 0)) return kept;
      }
      throw new FailoverStateContended(
        `the item "${SIGHTINGS}" in table ${table} was written ${ATTEMPTS} times by others`,
      );
    },
    async switchedOff() {
      return read(SWITCH, SwitchItem);
    },
  };
}
