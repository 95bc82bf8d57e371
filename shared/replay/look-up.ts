import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Timer } from '../clock/clock.ts';
import { judgeClaim } from './judge-claim.ts';
import type { Wanted } from './ledger.ts';
import { parseRecord, recordKey } from './ledger-record.ts';
import { runStatements } from './ledger-statements.ts';

/** What a claim would find. */
export type Standing = 'new' | 'done' | 'busy' | 'mismatch' | 'unknown';

const BATCH = 25;

/** Nobody's: a claimant that reads and never claims. */
const NOBODY = { owner: '', claim: 0 };

/**
 * Looks keys up without claiming them.
 *
 * @throws LedgerUnavailable, LedgerDamaged
 */
export async function lookUp(
  client: DynamoDBClient,
  table: string,
  { scope, clock }: { scope: string; clock: Timer },
  wanted: readonly Wanted[],
): Promise<Standing[]> {
  const standings: Standing[] = [];
  for (let at = 0; at < wanted.length; at += BATCH)
    standings.push(...(await lookUpBatch(client, table, { scope, clock }, wanted.slice(at, at + BATCH))));
  return standings;
}

async function lookUpBatch(
  client: DynamoDBClient,
  table: string,
  { scope, clock }: { scope: string; clock: Timer },
  wanted: readonly Wanted[],
): Promise<Standing[]> {
  const found = await runStatements(
    { client, table, clock },
    wanted.map(({ key }) => ({
      Statement: `SELECT * FROM "${table}" WHERE "key" = ?`,
      Parameters: [{ S: recordKey(scope, key) }],
      ConsistentRead: true,
    })),
  );
  return wanted.map((one, index) => {
    const outcome = found[index];
    if (!outcome || outcome.refused || outcome.item === null) return 'new';
    const judged = judgeClaim(parseRecord(recordKey(scope, one.key), outcome.item), one, NOBODY, clock.now());
    switch (judged.state) {
      case 'free':
        return judged.unknown ? 'unknown' : 'new';
      case 'claimed':
        return 'busy';
      default:
        return judged.state;
    }
  });
}
