import * as z from 'zod';
import { HOUR } from '../values/duration.ts';
import { duration, secretKeys, secretName } from '../values/fields.ts';
import { emptyInstanceShape } from './empty-instance.ts';
import { instanceShape } from './instance-shape.ts';

const expires = (longerThan: number, error: string) => duration.refine((age) => age > longerThan, { error });

const scratchDatabase = z.strictObject({
  secret: secretName.describe(
    'Secret with the login to the server that restores go to. Never the secret of a database of this plan: scratch databases are dropped.',
  ),
  certificateAuthority: secretName.describe(
    "Secret with the certificate authority of the scratch server's TLS certificate.",
  ),
  keys: secretKeys,
  expires: expires(0, 'a duration longer than 0s').describe(
    'Age after which the sweeper drops a scratch database that its own run left behind.',
  ),
});

const scratchInstance = z.strictObject({
  ...instanceShape,
  ...emptyInstanceShape,
  expires: expires(HOUR - 1, 'a duration of at least 1h').describe(
    'Age after which the sweeper deletes a scratch instance that its own run left behind. Longer than a restore test takes.',
  ),
});

/** Where the copy of a restore test lives: a logical backup goes into either, what RDS keeps into an instance alone. */
export const into = z.union(
  [
    z.strictObject({
      scratchDatabase: scratchDatabase.describe('A database of its own on a server of yours, for minutes.'),
    }),
    z.strictObject({
      scratchInstance: scratchInstance.describe(
        'An RDS instance of its own, deleted after the test. A snapshot or a moment becomes one. A logical backup is loaded into an empty one, which needs a class and a subnetGroup.',
      ),
    }),
  ],
  { error: 'exactly one of scratchDatabase and scratchInstance' },
);

export type Into = z.output<typeof into>;
export type ScratchDatabaseSettings = z.output<typeof scratchDatabase>;
export type ScratchInstanceSettings = z.output<typeof scratchInstance>;
