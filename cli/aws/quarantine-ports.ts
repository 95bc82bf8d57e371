import { systemClock } from '../../shared/clock/clock.ts';
import { reopen } from '../../shared/ledger/dynamo-ledger.ts';
import { readKeyStatus } from '../../shared/ledger/key-status.ts';
import { replayOf } from '../../shared/plan/lookup.ts';
import type { QuarantineReader } from '../../shared/replay/quarantine/quarantine.ts';
import type { ReleaseAllPorts } from '../../shared/replay/quarantine/release-all.ts';
import { putBackOn } from '../../shared/replay/quarantine/send-to-queue.ts';
import { vaultQuarantine } from '../../shared/replay/quarantine/vault-quarantine.ts';
import type { Workload } from '../workload.ts';

/** Reads the quarantined messages of a deployed plan's queue. */
export function quarantineOf({ plan, vault }: Workload, queue: string): QuarantineReader {
  return vaultQuarantine(vault, queue, replayOf(plan, queue).quarantine, systemClock);
}

/** Releases quarantined messages of a deployed plan's queue. */
export async function releasePorts(workload: Workload, queue: string): Promise<ReleaseAllPorts> {
  const { clients, deployment, plan, journal } = workload;
  const scope = { scope: queue, clock: systemClock };
  const { dynamodb } = clients;
  const { ledgerTable } = deployment;
  return {
    quarantine: quarantineOf(workload, queue),
    reopen: (key) => reopen(dynamodb, ledgerTable, scope, key),
    readKeyStatus: async (request) => {
      const [status] = await readKeyStatus(dynamodb, ledgerTable, scope, [request]);
      return status ?? 'new';
    },
    send: await putBackOn(clients.sqs, replayOf(plan, queue).deadLetters),
    journal,
    clock: systemClock,
  };
}
