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
  /** The environment's account and Region, unless told otherwise. */
  readonly account?: AwsAccount;
}

/** Rows of so many days are remembered: as long as SQS can keep a message, and a day. */
const RETENTION_MS = 15 * 86_400_000;

/** Calls to SQS at the same time. */
const IN_FLIGHT = 10;

/**
 * Makes ready where a rehydration of the plan puts its messages.
 *
 * @param attempt the rehydration's name in the plan, the run, and what names this attempt among all that ever were
 * @throws TargetMisconfigured when it cannot be used as it is, with what to change; DestinationUnavailable
 */
export async function openDestination(
  into: Rehydration['into'],
  { rehydration, runId, owner }: { rehydration: string; runId: string; owner: string },
  { secrets, dynamo, ledgerTable, clock, account = {} }: DestinationPorts,
): Promise<Destination> {
  if ('redisList' in into) {
    const { redisDestination } = await import('./redis-destination.ts'); // the client of Redis is most of a cold start
    return redisDestination(await readRedisAccess(secrets, into.redisList.secret), into.redisList.list);
  }
  // No queue of the plan can have this name, and so none of its keys.
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
