import type { ClaimRequest } from '../../ledger/ledger.ts';
import { bodyHash } from './body-hash.ts';
import type { DeadLetter } from './dead-letter.ts';
import { replayOf } from './replay-of.ts';

/** What the ledger is asked before a message may be sent. */
export function claimRequest(message: DeadLetter, key: string): ClaimRequest {
  const { messageId } = message;
  return { key, bodyHash: bodyHash(message), messageId, replayOf: replayOf(message) };
}
