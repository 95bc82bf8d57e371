import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Timer } from '../clock/clock.ts';
import { judgeClaim } from './decide-claim.ts';
import type { ClaimRequest } from './ledger.ts';
import { type LedgerRecord, parseRecord, recordKey } from './ledger-record.ts';
import { ledgerTable } from './ledger-table.ts';

/** The result that a claim would have. */
export type KeyStatus = 'new' | 'done' | 'busy' | 'mismatch' | 'unknown';

/** A claimant that only reads. */
const READER = { owner: '', runId: '', claim: 0 };

/** The result that a claim would have now. @param record null if the ledger does not know the key */
export function keyStatus(record: LedgerRecord | null, request: ClaimRequest, now: Date): KeyStatus {
  if (record === null) return 'new';
  const judged = judgeClaim(record, request, READER, now);
  switch (judged.state) {
    case 'free':
      return judged.unknown ? 'unknown' : 'new';
    case 'claimed':
      return 'busy';
    default:
      return judged.state;
  }
}

/**
 * Reads the results that claims would have, without claiming anything.
 *
 * @throws LedgerUnavailable, LedgerDamaged
 */
export async function readKeyStatus(
  client: DynamoDBClient,
  table: string,
  { scope, clock }: { scope: string; clock: Timer },
  requests: readonly ClaimRequest[],
): Promise<KeyStatus[]> {
  const items = await ledgerTable(client, table, clock).read(
    requests.map(({ key }) => recordKey(scope, key)),
  );
  return requests.map((request, index) => {
    const item = items[index];
    return keyStatus(item ? parseRecord(item) : null, request, clock.now());
  });
}
