import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Timer } from '../clock/clock.ts';
import { judgeClaim } from './judge-claim.ts';
import type { Wanted } from './ledger.ts';
import { parseRecord, recordKey } from './ledger-record.ts';
import { ledgerTable } from './ledger-table.ts';

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
  const { read } = ledgerTable(client, table, clock);
  const standings: Standing[] = [];
  for (let at = 0; at < wanted.length; at += BATCH) {
    const batch = wanted.slice(at, at + BATCH);
    const items = await read(batch.map(({ key }) => recordKey(scope, key)));
    for (const [index, one] of batch.entries()) {
      const item = items[index];
      standings.push(item ? standing(judgeClaim(parseRecord(item), one, NOBODY, clock.now())) : 'new');
    }
  }
  return standings;
}

function standing(judged: ReturnType<typeof judgeClaim>): Standing {
  switch (judged.state) {
    case 'free':
      return judged.unknown ? 'unknown' : 'new';
    case 'claimed':
      return 'busy';
    default:
      return judged.state;
  }
}
