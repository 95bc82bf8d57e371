import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Timer } from '../clock/clock.ts';
import { judgeClaim } from './decide-claim.ts';
import type { ClaimRequest } from './ledger.ts';
import { parseRecord, recordKey } from './ledger-record.ts';
import { ledgerTable } from './ledger-table.ts';

/** What a claim would find. */
export type KeyStatus = 'new' | 'done' | 'busy' | 'mismatch' | 'unknown';

/** Nobody's: a claimant that reads and never claims. */
const NOBODY = { owner: '', claim: 0 };

/**
 * Looks keys up without claiming them.
 *
 * @throws LedgerUnavailable, LedgerDamaged
 */
export async function readKeyStatus(
  client: DynamoDBClient,
  table: string,
  { scope, clock }: { scope: string; clock: Timer },
  wanted: readonly ClaimRequest[],
): Promise<KeyStatus[]> {
  const { read } = ledgerTable(client, table, clock);
  const items = await read(wanted.map(({ key }) => recordKey(scope, key)));
  return wanted.map((one, index) => {
    const item = items[index];
    return item ? standing(judgeClaim(parseRecord(item), one, NOBODY, clock.now())) : 'new';
  });
}

function standing(judged: ReturnType<typeof judgeClaim>): KeyStatus {
  switch (judged.state) {
    case 'free':
      return judged.unknown ? 'unknown' : 'new';
    case 'claimed':
      return 'busy';
    default:
      return judged.state;
  }
}
