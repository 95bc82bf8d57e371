import type { Timer } from '../../clock/clock.ts';
import { createKeyedQueue } from '../../concurrency/keyed-queue.ts';
import type { EarlierFailures, Settlement } from '../../ledger/ledger.ts';
import { claimRequest } from '../message/claim-request.ts';
import type { DeadLetter, Receipt, ReceivedMessage } from '../message/dead-letter.ts';
import { type Selection, type SelectionRules, select } from '../message/send-leave-or-quarantine.ts';
import { sourceOf } from '../message/source.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import type { QuarantineReason } from '../quarantine/quarantined-message.ts';
import { createSourceWatch } from '../queue/mixed-sources.ts';
import type { AlreadyAppliedCheck } from './already-applied.ts';
import { type ClaimPorts, claim } from './claim.ts';
import type { NotAccepted } from './deliver.ts';
import { type DoneBeforePorts, doneBefore } from './done-before.ts';
import type { Endings } from './endings.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { delivered, duplicate, type Outcome, quarantined, returned, type Settle } from './message-outcome.ts';
import type { OutcomeRecorder } from './outcome-recorder.ts';
import { outcomeOf, type SendPorts, send } from './send.ts';

export interface HandlerPorts {
  readonly runId: string;
  readonly rules: SelectionRules;
  readonly clock: Timer;
  readonly leases: LeaseKeeper;
  readonly claiming: ClaimPorts;
  readonly doneBefore: DoneBeforePorts;
  readonly alreadyApplied: AlreadyAppliedCheck | null;
  readonly sending: SendPorts;
  readonly quarantine: Quarantine;
  readonly recorder: OutcomeRecorder;
  readonly endings: Pick<Endings, 'signal' | 'onError' | 'stop'>;
}

export interface MessageHandler {
  /** Does with a message what is to be done. Rejects only where its outcome could not be recorded. */
  handle(received: ReceivedMessage): Promise<void>;
  /** Receipts of messages that went back. Not all of many: the queue shows the others by itself. */
  readonly returned: readonly Receipt[];
}

const RECEIPTS_KEPT = 10_000;

const MISMATCH = 'the ledger knows this key with another body: one key stands for one message';

/**
 * Handles messages: select → claim → already applied? → send → record. Messages of one FIFO group are handled in their order,
 * and messages with one key one after the other. Whatever cannot go on goes back to the queue, and so does all that comes
 * behind it in its group.
 *
 * @param signal ends the work at once
 */
export function createMessageHandler(ports: HandlerPorts, signal: AbortSignal): MessageHandler {
  const { runId, rules, clock, leases, claiming, quarantine, recorder, endings } = ports;
  const sources = createSourceWatch(rules.sources);
  const groups = createKeyedQueue();
  const keys = createKeyedQueue();
  const blockedGroups = new Set<string>();
  const returnedReceipts: Receipt[] = [];

  async function handleSelected(message: DeadLetter, selected: Selected): Promise<void> {
    recorder.received(sourceOf(message)?.id ?? null);
    leases.add(message);
    try {
      await groups.run(orderedGroup(message), async () => {
        if (selected.verdict === 'error') return finish(message, returned('error'));
        if (selected.verdict === 'leave') return finish(message, returned(selected.why));
        return keys.run(selected.key, () => claimAndSend(message, selected));
      });
    } finally {
      leases.release(message);
    }
  }

  async function claimAndSend(message: DeadLetter, selection: Wanted): Promise<void> {
    const held: Held = { settle: null };
    const outcome = await decide(message, selection, held).catch((error) => givenUp(error, held.settle));
    await finish(message, outcome);
  }

  async function decide(message: DeadLetter, selection: Wanted, held: Held): Promise<Outcome> {
    const groupId = orderedGroup(message);
    if (groupId !== null && blockedGroups.has(groupId)) return returned('behind');
    if (endings.signal.aborted) return returned('unsent');
    const { key } = selection;
    if (selection.verdict === 'quarantine' && key === null)
      return keep(message, { ...selection, attempts: 0 }, null);
    if (key === null) throw new Error('a message without a key is never sent');

    const mixed = selection.verdict === 'send' ? sources.admit(sourceOf(message)?.id ?? null) : null;
    if (mixed !== null) {
      endings.stop(mixed);
      return returned('other-source');
    }
    const claimed = await claim(claiming, claimRequest(message, key), signal);
    switch (claimed.state) {
      case 'busy':
        return returned('busy');
      case 'mismatch':
        return keep(message, { key, kind: 'mismatch', reason: MISMATCH, attempts: 0 }, null);
      case 'done':
        return doneBefore(ports.doneBefore, key, claimed, signal);
    }

    leases.claimed(message, key);
    held.settle = { key, as: claimed.unknown ? 'unknown' : 'open' };
    if (selection.verdict === 'quarantine')
      return keep(message, { ...selection, attempts: claimed.attempts }, { key, as: 'quarantined' });
    if (await ports.alreadyApplied?.has(key, signal))
      return duplicate('application-has-it', { key, as: 'delivered' });

    held.settle = { key, as: 'unknown' };
    const delivery = await send(ports.sending, { message, key, ...claimed }, signal);
    if (delivery.as === 'accepted') return delivered(key);
    const outcome = outcomeOf({ key, ...claimed }, delivery, ports.sending.policy.acceptsOthers());
    if (outcome !== null) return outcome;
    held.settle = { key, as: delivery.unknown ? 'unknown' : 'open' };
    const attempts = claimed.attempts + delivery.attempts;
    const why = { key, attempts, ...blamed(delivery, claimed) };
    return keep(message, why, { key, as: 'quarantined' });
  }

  async function keep(
    message: DeadLetter,
    { key, kind, reason, attempts }: Omit<QuarantineReason, 'runId'>,
    settle: Settle | null,
  ): Promise<Outcome> {
    await quarantine.keep(message, { runId, key, kind, reason, attempts });
    return quarantined(kind, settle);
  }

  function givenUp(error: unknown, settle: Settle | null): Outcome {
    endings.onError(error);
    return returned('error', settle);
  }

  async function finish(message: DeadLetter, outcome: Outcome): Promise<void> {
    if ((await recorder.record(message, outcome)) !== 'returned') return;
    const { messageId, receiptHandle } = message;
    const groupId = orderedGroup(message);
    if (groupId !== null) blockedGroups.add(groupId);
    if (returnedReceipts.length < RECEIPTS_KEPT) returnedReceipts.push({ messageId, receiptHandle });
  }

  function trySelect(received: ReceivedMessage): Selected {
    try {
      return select(received, rules, clock.now());
    } catch (error) {
      endings.onError(error);
      return { verdict: 'error' };
    }
  }

  return {
    // Only the selection needs the parsed body. The work that follows does not keep it in memory.
    handle: (received) => handleSelected(received.message, trySelect(received)),
    returned: returnedReceipts,
  };
}

/** A standard queue may have groups too, which order nothing. Only a FIFO queue gives a deduplication id. */
function orderedGroup({ groupId, deduplicationId }: DeadLetter): string | null {
  return deduplicationId === null ? null : groupId;
}

/** Why a message is to blame that the target did not accept. */
function blamed(
  delivery: NotAccepted,
  { failedRuns }: EarlierFailures,
): Pick<QuarantineReason, 'kind' | 'reason'> {
  const { as, reason } = delivery;
  if (as === 'refused') return { kind: 'refused', reason };
  const failed = `the target failed it in ${failedRuns + 1} runs and accepted others`;
  return { kind: 'failed-repeatedly', reason: `${failed}; the last time: ${reason}` };
}

type Wanted = Exclude<Selection, { verdict: 'leave' }>;
type Selected = Selection | { readonly verdict: 'error' };

/** What the ledger must be told if anything breaks from now on; null before the key is claimed. */
interface Held {
  settle: { readonly key: string; readonly as: Extract<Settlement['as'], 'open' | 'unknown'> } | null;
}
