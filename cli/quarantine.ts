import { systemClock } from '../shared/clock/clock.ts';
import { type ErrorKind, LifeboatError } from '../shared/errors/lifeboat-error.ts';
import { reopen } from '../shared/ledger/dynamo-ledger.ts';
import { readKeyStatus } from '../shared/ledger/key-status.ts';
import type { ClaimRequest } from '../shared/ledger/ledger.ts';
import { replayOf } from '../shared/plan/lookup.ts';
import type { QuarantineEntry, QuarantineReader } from '../shared/replay/quarantine/quarantine.ts';
import type { Release } from '../shared/replay/quarantine/quarantined-message.ts';
import { releaseQuarantined } from '../shared/replay/quarantine/release.ts';
import { putBackOn } from '../shared/replay/quarantine/send-to-queue.ts';
import { vaultQuarantine } from '../shared/replay/quarantine/vault-quarantine.ts';
import type { Workload } from './workload.ts';

/** What a queue of a deployed plan has in quarantine. */
export function quarantineOf({ plan, vault }: Workload, queue: string): QuarantineReader {
  return vaultQuarantine(vault, queue, replayOf(plan, queue).quarantine, systemClock);
}

/** What became of one message that was to be released. */
export type Released = { readonly id: string } & (
  | { readonly outcome: 'released'; readonly release: Release }
  | { readonly outcome: 'kept'; readonly error: string; readonly reason: string }
);

/** Kinds of errors that are about one message: the others are released all the same. */
const ABOUT_ONE: ReadonlySet<ErrorKind> = new Set(['usage', 'conflict', 'unsupported']);

/**
 * Puts messages of a queue's quarantine on the queue again, one after the other.
 *
 * @param again also those that were released before
 */
export async function releaseAll(
  workload: Workload,
  queue: string,
  ids: readonly string[],
  { by, again }: { by: string; again: boolean },
): Promise<Released[]> {
  const { clients, deployment, plan } = workload;
  const scope = { scope: queue, clock: systemClock };
  const { dynamodb } = clients;
  const { ledgerTable } = deployment;
  const ports = {
    quarantine: quarantineOf(workload, queue),
    reopen: (key: string) => reopen(dynamodb, ledgerTable, scope, key),
    readKeyStatus: async (wanted: ClaimRequest) => {
      const [standing] = await readKeyStatus(dynamodb, ledgerTable, scope, [wanted]);
      return standing ?? 'new';
    },
    send: await putBackOn(clients.sqs, replayOf(plan, queue).deadLetters, systemClock),
    clock: systemClock,
  };
  const outcomes: Released[] = [];
  for (const id of ids) {
    try {
      const release = await releaseQuarantined(ports, id, { by, again });
      outcomes.push({ id, outcome: 'released', release });
    } catch (error) {
      if (!(error instanceof LifeboatError && ABOUT_ONE.has(error.kind))) throw error;
      outcomes.push({ id, outcome: 'kept', error: error.name, reason: error.message });
    }
  }
  return outcomes;
}

/** The messages of a kind, without those that were released before unless they are wanted again. */
export function ofKind(
  messages: readonly QuarantineEntry[],
  kind: string,
  { again }: { again: boolean },
): QuarantineEntry[] {
  return messages.filter((message) => message.kind === kind && (again || message.releases === 0));
}
