import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { dynamoClient } from '../../../shared/aws/clients/dynamodb.ts';
import { systemClock } from '../../../shared/clock/clock.ts';
import { dynamoLedger } from '../../../shared/ledger/dynamo-ledger.ts';
import { dynamoLocks } from '../../../shared/locks/dynamo-locks.ts';
import { type AccountStore, accountStore } from '../../../shared/replay/account/account-store.ts';
import { vaultQuarantine } from '../../../shared/replay/quarantine/vault-quarantine.ts';
import { sqsQueue } from '../../../shared/replay/queue/sqs-queue.ts';
import { webhookTarget } from '../../../shared/replay/targets/webhook.ts';
import type { DrainOrder, DrainPorts } from '../../../shared/replay/worker/drain.ts';
import { sendMany } from '../../../shared/replay/worker/sending-policy.ts';
import { s3Vault } from '../../../shared/vault/s3-vault.ts';
import { HEALTH } from './replay-receiver.ts';

const DAY = 86_400_000;

/** Where a worker runs: its queue, the tables `ledger` and `journal` and the bucket already exist. */
export interface Workplace {
  readonly account: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  readonly queue: string;
  readonly bucket: string;
  readonly webhook: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly lease: number;
}

export interface Worker {
  readonly ports: DrainPorts & { readonly accounts: AccountStore };
  /** Closes keep-alive connections. */
  close(): Promise<void>;
}

/** A worker as deployed, with these resources. */
export async function openWorker(place: Workplace, runId: string, owner: string): Promise<Worker> {
  const { account, queue, bucket, webhook, timeout } = place;
  const clock = systemClock;
  const dynamo = dynamoClient(account);
  const sqs = new SQSClient(account);
  const s3 = new S3Client(account);
  const target = webhookTarget(
    { url: new URL(webhook), headers: {}, certificateAuthority: null },
    { secret: 'webhook', timeout, health: HEALTH, inFlight: IN_FLIGHT },
    clock,
  );
  return {
    ports: {
      queue: await sqsQueue(sqs, queue),
      ledger: dynamoLedger(dynamo, 'ledger', { scope: queue, owner, runId, retention: 15 * DAY, clock }),
      target,
      quarantine: vaultQuarantine(s3Vault(s3, bucket, 'governance'), queue, DAY, clock),
      alreadyApplied: null,
      accounts: accountStore(dynamo, 'journal', { workload: 'test', runId, clock }),
      locks: dynamoLocks(dynamo, 'ledger', clock),
      clock,
    },
    async close() {
      await target.close();
      for (const client of [dynamo, sqs, s3]) client.destroy();
    },
  };
}

const IN_FLIGHT = 10;

/** A worker's default input in tests. */
export function orderOf(
  { lease }: Workplace,
  runId: string,
  owner: string,
  difference: Partial<DrainOrder> = {},
): DrainOrder {
  return {
    runId,
    owner,
    rules: { format: 'any', key: null, filters: [], maxAge: null, sendsRecords: false, sources: undefined },
    rate: 1_000,
    policy: sendMany({ inFlight: IN_FLIGHT, max: null }),
    leaseMs: lease,
    until: new Date(Date.now() + 300_000),
    failureRatio: 1,
    ...difference,
  };
}
