import { CreateFunctionCommand, LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { zipFile } from '../../../local/functions/zip-file.ts';
import type { Target } from '../../../shared/delivery/target.ts';
import { parseDuration } from '../../../shared/plan/values/duration.ts';
import { openTarget, type TargetUse } from '../../../shared/replay/targets/open-target.ts';
import type { Receiver } from '../../contract/target.ts';
import { httpReceiver, keeping, type Received } from '../../unit/replay/targets/receiver.ts';
import type { TestAccount } from '../support/account.ts';
import { createRole, type Identity } from './account.ts';
import { clock } from './clock.ts';
import { nextCall } from './gateway-faults.ts';

const ACTION = 'lambda:InvokeFunction';

/** What the consumer does at the end. */
export type Ending = 'return' | 'throw' | 'report' | 'hang';

/** A consumer of a queue: it tells the test what it got, and is told how to end. */
const CONSUMER = `
export const handler = async (event) => {
  const headers = { connection: 'close' };
  const answer = await fetch(process.env.SINK, { method: 'POST', body: JSON.stringify(event), headers });
  const ending = await answer.text();
  if (ending === 'throw') throw new TypeError('cannot read the order');
  if (ending === 'report') return { batchItemFailures: [{ itemIdentifier: event.Records[0].messageId }] };
  if (ending === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
  return 'done';
};
`;

/** A function of the local Lambda, and what it was called with. */
export async function functionReceiver(
  aws: TestAccount,
  { owner, stranger }: { owner: Identity; stranger: Identity },
  deadLetters: string,
): Promise<
  Receiver & {
    records(): SQSRecord[];
    events(): unknown[];
    open(shape?: TargetUse['shape']): Promise<Target>;
    endNext(ending: Ending): void;
    stop(): Promise<void>;
  }
> {
  const received: Received[] = [];
  const endings: Ending[] = [];
  const sink = await httpReceiver(keeping(received, (response) => response.end(endings.shift() ?? 'return')));
  const role = await createRole(owner, 'consumer');
  const lambda = new LambdaClient(owner);
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'consumer',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: role,
      Timeout: 3,
      Environment: { Variables: { SINK: `http://127.0.0.1:${sink.port}/` } },
      Code: { ZipFile: zipFile('index.mjs', CONSUMER) },
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30 }, { FunctionName: 'consumer' });
  lambda.destroy();

  const records = () => received.flatMap(({ body }) => (JSON.parse(body.toString()) as SQSEvent).Records);
  const openAs = (account: Identity, name = 'consumer', shape: TargetUse['shape'] = { as: 'sqs-event' }) =>
    openTarget(
      { function: { name, timeout: parseDuration('1m') } },
      { deadLetters, inFlight: 12, place: 'replays.tested.as', shape },
      { secrets: new SecretsManagerClient(account), clock, account },
    );
  const answerNext = (fault: { status: number; code: string; message: string }) =>
    void aws.gateway.disturb({ match: { action: ACTION }, fault, times: 1 });
  return {
    open: (shape?: TargetUse['shape']) => openAs(owner, 'consumer', shape),
    events: () => received.map(({ body }) => JSON.parse(body.toString())),
    unusable: 'TargetMisconfigured',
    openMissing: () => openAs(owner, 'nowhere'),
    openForbidden: () => openAs(stranger),
    arrived: async (key) =>
      records()
        .filter(({ messageAttributes }) => messageAttributes.LifeboatKey?.stringValue === key)
        .map(({ body }) => body),
    async next(fault) {
      if (fault !== 'throttle') return nextCall(aws, ACTION, fault);
      answerNext({ status: 429, code: 'TooManyRequestsException', message: 'Rate Exceeded.' });
      return { onItsWay: Promise.resolve() };
    },
    // The local Lambda takes a request of any size.
    refusable() {
      answerNext({ status: 413, code: 'RequestTooLargeException', message: 'Request must be smaller.' });
      return {};
    },
    largest: 1024 * 1024,
    retryAfter: null,
    secret: /receipt/, // of the message
    records,
    endNext: (ending) => void endings.push(ending),
    stop: sink.stop,
  };
}
