import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll } from 'vitest';
import { type Identity, nobody, root } from '../targets/account.ts';
import { functionReceiver } from '../targets/function-receiver.ts';
import { openAccount, type TestAccount } from './account.ts';

/** An account with a function that consumes messages, for a file of tests. Set before its first test. */
let aws: TestAccount;
export let owner: Identity;
export let sqs: SQSClient;
export let consumer: Awaited<ReturnType<typeof functionReceiver>>;

export const never = new AbortController().signal;

beforeAll(async () => {
  aws = await openAccount();
  owner = root(aws);
  sqs = new SQSClient(owner);
  await newQueue('dead');
  consumer = await functionReceiver(aws, { owner, stranger: await nobody(aws) }, 'dead');
});

afterAll(async () => {
  sqs?.destroy();
  await consumer?.stop();
  await aws?.stop();
});

/** @returns its URL */
export async function newQueue(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
  );
  return QueueUrl;
}
