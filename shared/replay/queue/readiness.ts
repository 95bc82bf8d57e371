import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { Replay } from '../../plan/sections/replays.ts';
import { formatDuration } from '../../plan/values/duration.ts';
import type { SelectionRules } from '../message/send-leave-or-quarantine.ts';
import type { QueueState } from './dead-letter-queue.ts';
import type { Inspection } from './inspect.ts';
import { MixedSources, mixedSources } from './mixed-sources.ts';

/** The ledger would forget a message while the queue still has it. */
export class LedgerTooShort extends LifeboatError {
  override readonly name = 'LedgerTooShort';
  override readonly kind = 'usage';
}

/** @throws LedgerTooShort */
export function requireLongerLedger({ deadLetters, ledger }: Replay, { retention }: QueueState): void {
  if (ledger > retention) return;
  throw new LedgerTooShort(
    `the queue ${deadLetters} keeps messages for ${formatDuration(retention)}, and the plan's ledger remembers deliveries for ` +
      `${formatDuration(ledger)} only: make \`ledger\` longer than the queue's retention and deploy again`,
  );
}

/** @throws MixedSources */
export function requireOneSource(
  { sources: planned }: Replay,
  { filters }: SelectionRules,
  { feeding, sources }: Inspection,
): void {
  const mixed = mixedSources({ planned, isFiltered: filters.length > 0 }, feeding, Object.keys(sources));
  if (mixed !== null) throw new MixedSources(mixed);
}

/** `1,204 messages, 10 read: 8 to deliver, 2 duplicates; the oldest from 2026-11-22T04:00:00.000Z`. */
export function inspectionInWords({ state, read, wouldBe, sources, oldest }: Inspection): string {
  const number = (count: number) => count.toLocaleString('en-US');
  const outcomes = Object.entries(wouldBe).map(([word, count]) => `${number(count)} ${word}`);
  return [
    `${number(state.visible)} messages in the queue and ${number(state.inFlight + state.delayed)} hidden, ${number(read)} read`,
    ...(outcomes.length > 0 ? [`: ${outcomes.join(', ')}`] : []),
    ...(Object.keys(sources).length > 0
      ? [
          `; from ${Object.entries(sources)
            .map(([name, count]) => `${name} (${number(count)})`)
            .join(', ')}`,
        ]
      : []),
    ...(oldest ? [`; the oldest from ${oldest.toISOString()}`] : []),
  ].join('');
}
