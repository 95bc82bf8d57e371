import * as z from 'zod';
import type { Parts } from '../parts.ts';
import { keyAliases, name, named, resourceName, secretKeys, secretName, text } from '../values/fields.ts';
import { oneOfNames, type Violation } from '../violation.ts';
import type { Databases } from './databases.ts';
import { noDeadLetterQueue, type Replays } from './replays.ts';

const into = z.union(
  [
    z.strictObject({ queue: resourceName('queue').describe('Sends to this SQS queue; `.fifo` at its end.') }),
    z.strictObject({
      redisList: z
        .strictObject({
          secret: secretName.describe('Secret with `url`: rediss://user:password@host:port/0'),
          keys: secretKeys,
          list: text('the name of a list').describe(
            'The list that workers pop from, at its left end (LPOP, BLPOP): messages are pushed at its right one.',
          ),
        })
        .describe('Pushes onto a list of Redis.'),
    }),
  ],
  { error: 'exactly one of queue and redisList' },
);

/** Turns rows of a restored database into messages again. */
const rehydration = z.strictObject({
  database: name.describe('The database that is asked.'),
  sql: text('a SQL query').describe(
    'Answers the columns `key` (what makes the message one of a kind) and `body` (the message), and `group` for a FIFO queue.',
  ),
  into: into.describe('Where the messages go.'),
  keys: keyAliases,
});

export const rehydrations = named(rehydration)
  .default({})
  .describe('Queues that are filled again from the database after it was restored, by name.');

export type Rehydrations = z.output<typeof rehydrations>;
export type Rehydration = z.output<typeof rehydration>;

/** A rehydration reads a database of the plan. It must not fill a queue that a replay empties. */
export function rehydrationRules({
  rehydrations = {},
  databases = {},
  replays = {},
}: Parts<{ rehydrations: Rehydrations; databases: Databases; replays: Replays }>): Violation[] {
  return Object.entries(rehydrations).flatMap(([name, { database, into } = {}]) => {
    const path = ['rehydrations', name];
    const queue = into && 'queue' in into ? into.queue : undefined;
    return [
      ...oneOfNames([...path, 'database'], 'a database of this plan', database, databases),
      ...noDeadLetterQueue([...path, 'into', 'queue'], queue, replays),
    ];
  });
}
