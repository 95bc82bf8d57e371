import type { SQSClient } from '@aws-sdk/client-sqs';
import { systemClock } from '../../../shared/clock/clock.ts';
import { dynamoLocks } from '../../../shared/lock/lock.ts';
import { accountStore } from '../../../shared/replay/account-store.ts';
import type { DrainOrder, DrainPorts } from '../../../shared/replay/drain.ts';
import { dynamoLedger } from '../../../shared/replay/dynamo-ledger.ts';
import { ledgerClient } from '../../../shared/replay/ledger-client.ts';
import { sqsQueue } from '../../../shared/replay/sqs-queue.ts';
import { webhookTarget } from '../../../shared/replay/targets/webhook.ts';
import { vaultQuarantine } from '../../../shared/replay/vault-quarantine.ts';
import { s3Vault, vaultClient } from '../../../shared/storage/s3-vault.ts';

const DAY = 86_400_000;

/** Where a worker works: tables, bucket and queue are there already. The environment names account and Region. */
export interface Workplace {
  readonly queue: string;
  readonly ledger: string;
  readonly journal: string;
  readonly vault: string;
  readonly webhook: string;
  readonly runId: string;
  readonly owner: string;
  /** Milliseconds. */
  readonly lease: number;
  readonly timeout: number;
}

/** The ports of a worker as it is deployed, at this place. */
export async function workerPorts(sqs: SQSClient, at: Workplace): Promise<DrainPorts> {
  const clock = systemClock;
  const dynamo = ledgerClient();
  return {
    queue: await sqsQueue(sqs, at.queue),
    ledger: dynamoLedger(dynamo, at.ledger, {
      scope: at.queue,
      owner: at.owner,
      runId: at.runId,
      retention: 15 * DAY,
      clock,
    }),
    target: webhookTarget(
      { url: new URL(at.webhook), headers: {}, certificateAuthority: null },
      { secret: 'webhook', timeout: at.timeout, health: null, inFlight: 10 },
      clock,
    ),
    quarantine: vaultQuarantine(s3Vault(vaultClient(), at.vault, 'governance'), at.queue, DAY, clock),
    probe: null,
    accounts: accountStore(dynamo, at.journal, { workload: 'test', runId: at.runId, clock }),
    locks: dynamoLocks(dynamo, at.ledger, clock),
    clock,
  };
}

/** What such a worker is told, unless a test tells it otherwise. */
export function orderOf(at: Workplace, difference: Partial<DrainOrder> = {}): DrainOrder {
  return {
    runId: at.runId,
    owner: at.owner,
    rules: { format: 'any', key: null, filters: [], maxAge: null },
    rate: 1_000,
    inFlight: 10,
    lease: at.lease,
    max: null,
    until: new Date(Date.now() + 120_000),
    failureRatio: 1,
    canary: false,
    ...difference,
  };
}
