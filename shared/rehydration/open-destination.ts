import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AwsAccount } from '../aws/clients/settings.ts';
import { sqsClient } from '../aws/clients/sqs.ts';
import type { Timer } from '../clock/clock.ts';
import { sendOnce } from '../delivery/send-once.ts';
import { dynamoLedger } from '../ledger/dynamo-ledger.ts';
import { readKeyStatus } from '../ledger/key-status.ts';
import type { Rehydration } from '../plan/sections/rehydrations.ts';
import type { Destination } from './destination.ts';
import { readRedisAccess } from './redis-secret.ts';
import { sqsDestination } from './sqs-destination.ts';

export interface DestinationPorts {
  readonly secrets: SecretsManagerClient;
  readonly dynamo: DynamoDBClient;
  readonly ledgerTable: string;
  readonly clock: Timer;
  /** Default: the account and Region of the environment. */
  readonly account?: AwsAccount;
}

export interface Attempt {
  /** Its name in the plan. */
  readonly rehydration: string;
  readonly runId: string;
  readonly runStartedAt: Date;
  /** No other attempt ever had it. Begins with the run id and a slash. */
  readonly owner: string;
}

/** How many days sent rows are remembered: the longest retention in SQS, plus a day. */
const RETENTION_MS = 15 * 86_400_000;

/** Calls to SQS in flight at the same time. */
const IN_FLIGHT = 10;

/**
 * Opens the destination of a rehydration.
 *
 * @throws TargetMisconfigured when it cannot be used as it is, with what to change; DestinationUnavailable
 */
export async function openDestination(
  into: Rehydration['into'],
  { rehydration, runId, runStartedAt, owner }: Attempt,
  { secrets, dynamo, ledgerTable, clock, account = {} }: DestinationPorts,
): Promise<Destination> {
  if ('redisList' in into) {
    const { redisDestination } = await import('./redis-destination.ts'); // most of a cold start
    const access = await readRedisAccess(secrets, into.redisList.secret);
    return redisDestination(access, into.redisList.list, { since: runStartedAt, clock });
  }
  // No queue of the plan can have this name, so its keys cannot clash with a queue's.
  const scope = `rehydration:${rehydration}`;
  return sqsDestination(
    {
      sqs: sqsClient(sendOnce(account, IN_FLIGHT)),
      ledger: dynamoLedger(dynamo, ledgerTable, { scope, owner, runId, retention: RETENTION_MS, clock }),
      readKeyStatus: (wanted) => readKeyStatus(dynamo, ledgerTable, { scope, clock }, wanted),
      clock,
    },
    { queue: into.queue, rehydration },
  );
}
