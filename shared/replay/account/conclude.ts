import type { SettledAccount } from './settle-account.ts';

/** How a replay ended, as its last round or its failure said. */
export interface ReplayEnd {
  readonly outcome: 'replayed' | 'stopped' | 'not-proven';
  readonly reason: string;
}

/**
 * The last word on a replay. An account that does not add up proves nothing, however the replay ended. The reason keeps how it
 * ended, and says what is left in the queue.
 *
 * @param left messages in the queue, hidden ones too, by SQS's own approximation
 */
export function concludeReplay(
  { outcome, reason }: ReplayEnd,
  { addsUp, words }: Pick<SettledAccount, 'addsUp' | 'words'>,
  left: number,
): ReplayEnd {
  const sentences = [
    reason,
    ...(left > 0 ? [`left in the queue, hidden ones too: about ${left}`] : []),
    ...(addsUp ? [] : [words]),
  ];
  return { outcome: addsUp ? outcome : 'not-proven', reason: sentences.join('; ') };
}
