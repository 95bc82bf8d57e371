import {
  IdempotencyConfig,
  IdempotencyPersistenceLayerError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { sfnClient } from '../../shared/aws/clients/sfn.ts';
import { sqsClient } from '../../shared/aws/clients/sqs.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { LedgerSettings } from '../../shared/lambda/environment.ts';
import { countScheduledStart } from '../../shared/lambda/scheduled-start-metric.ts';
import { task } from '../../shared/lambda/task.ts';
import { LedgerUnavailable } from '../../shared/ledger/ledger.ts';
import { dynamoLocks } from '../../shared/locks/dynamo-locks.ts';
import { replayOf } from '../../shared/plan/lookup.ts';
import {
  ReplayEvent,
  type ReplayRequest,
  replayRequest,
  runIdOf,
} from '../../shared/recovery/replay-request.ts';
import { sqsQueue } from '../../shared/replay/queue/sqs-queue.ts';

/** Alarms and schedules are repeated within minutes. */
const REMEMBERED_SECONDS = 24 * 60 * 60;

const Started = z.object({
  /** Null if there was nothing to start. */
  executionArn: z.string().nullable(),
  runId: z.string().nullable(),
  /** The same request was made before and started this execution. */
  alreadyStarted: z.boolean(),
});
type Started = z.infer<typeof Started>;

const NOTHING: Started = { executionArn: null, runId: null, alreadyStarted: false };

/** Starts a replay for an alarm, a schedule or a person: once, however often the same request arrives. */
export const handler = task(
  {
    name: 'start-replay',
    input: ReplayEvent,
    output: Started,
    environment: LedgerSettings.extend({ REPLAY_MACHINE_ARN: z.string().min(1), STACK: z.string().min(1) }),
  },
  ({ LEDGER_TABLE, REPLAY_MACHINE_ARN, STACK }) => {
    const { plan } = deployedPlan();
    const sfn = sfnClient();
    const sqs = sqsClient();
    const dynamo = dynamoClient();
    const locks = dynamoLocks(dynamo, LEDGER_TABLE, systemClock);
    const config = new IdempotencyConfig({
      eventKeyJmesPath: 'startRequest',
      throwOnNoIdempotencyKey: true,
      expiresAfterSeconds: REMEMBERED_SECONDS,
      responseHook: (answer) => ({ ...(answer as Started), alreadyStarted: true }),
    });
    const startOnce = makeIdempotent((request: ReplayRequest) => start(sfn, REPLAY_MACHINE_ARN, request), {
      persistenceStore: new DynamoDBPersistenceLayer({
        tableName: LEDGER_TABLE,
        keyAttr: 'key',
        expiryAttr: 'expiration',
        awsSdkV3Client: dynamo,
      }),
      config,
      keyPrefix: 'start',
    });

    return async (event, { context }) => {
      const request = replayRequest(event, STACK);
      if (request === null) return NOTHING;
      const { deadLetters } = replayOf(plan, request.queue);
      if (request.ifNeeded) {
        countScheduledStart('start-replay', plan.workload, request.queue);
        const { visible, inFlight, delayed } = await (await sqsQueue(sqs, deadLetters)).inspect();
        if (visible + inFlight + delayed === 0) return NOTHING;
        if (await locks.holder(`replay#${request.queue}`)) return NOTHING;
      }
      config.registerLambdaContext(context);
      return startOnce(request).catch((error) => {
        throw withReason(error, LEDGER_TABLE);
      });
    };
  },
);

async function start(sfn: SFNClient, stateMachineArn: string, request: ReplayRequest): Promise<Started> {
  const { queue, startedBy, options, incident } = request;
  const runId = runIdOf(request);
  const input = JSON.stringify({ queue, startedBy, options, ...(incident ? { incident } : {}) });
  try {
    const { executionArn = null } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn, name: runId, input }),
    );
    return { executionArn, runId, alreadyStarted: false };
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
    // An execution's ARN is its machine's ARN plus its name: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${runId}`;
    return { executionArn, runId, alreadyStarted: true };
  }
}

/** Powertools does not say why the write failed. Repeating the same request still starts one replay. */
function withReason(error: unknown, table: string): unknown {
  if (!(error instanceof IdempotencyPersistenceLayerError && error.cause instanceof Error)) return error;
  const { name, message } = error.cause;
  return new LedgerUnavailable(`${error.message}: table ${table} answered ${name}: ${message}`, {
    cause: error,
  });
}
