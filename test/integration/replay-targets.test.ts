import { afterAll, beforeAll } from 'vitest';
import { type LocalAws, startLocalAws } from '../../local/start.ts';
import { type Identity, nobody, root } from './targets/account.ts';
import { functionReceiver } from './targets/function-receiver.ts';
import { createInbox, type Inbox } from './targets/inbox.ts';
import { queueReceiver } from './targets/queue-receiver.ts';
import { type Receiver, targetContract } from './targets/target-contract.ts';
import { topicReceiver } from './targets/topic-receiver.ts';
import { webhookReceiver } from './targets/webhook-receiver.ts';

let aws: LocalAws;
let owner: Identity;
let stranger: Identity;
let inboxes: Record<'queue' | 'fifoQueue' | 'raw' | 'fifoRaw' | 'enveloped' | 'deadLetters', Inbox>;
let webhook: Awaited<ReturnType<typeof webhookReceiver>>;
let tlsWebhook: Awaited<ReturnType<typeof webhookReceiver>>;
let consumer: Awaited<ReturnType<typeof functionReceiver>>;
let topic: Receiver;
let fifoTopic: Receiver;

beforeAll(async () => {
  aws = await startLocalAws({ plan: 'plans/mailblast.yml', deploy: false });
  owner = root(aws);
  stranger = await nobody(aws);
  inboxes = {
    queue: await createInbox(owner, 'sales'),
    fifoQueue: await createInbox(owner, 'sales.fifo'),
    raw: await createInbox(owner, 'raw'),
    fifoRaw: await createInbox(owner, 'raw.fifo'),
    enveloped: await createInbox(owner, 'enveloped'),
    deadLetters: await createInbox(owner, 'dead'),
  };
  const who = { owner, stranger };
  const { raw, enveloped, fifoRaw } = inboxes;
  webhook = await webhookReceiver(owner, stranger, { tls: false });
  tlsWebhook = await webhookReceiver(owner, stranger, { tls: true });
  topic = await topicReceiver(aws.gateway, who, { name: 'sales', deadLetters: 'dead', raw, enveloped });
  fifoTopic = await topicReceiver(aws.gateway, who, {
    name: 'sales.fifo',
    deadLetters: 'dead',
    raw: fifoRaw,
  });
  consumer = await functionReceiver(aws.gateway, who, 'dead');
});

afterAll(async () => {
  for (const inbox of Object.values(inboxes ?? {})) inbox.close();
  for (const receiver of [webhook, tlsWebhook, consumer]) await receiver?.stop();
  await aws?.stop();
});

const queueOf = (inbox: Inbox) => queueReceiver(aws.gateway, owner, stranger, inbox);

targetContract('a webhook on this machine', () => webhook);
targetContract('a webhook over TLS', () => tlsWebhook);
targetContract('a queue', () => queueOf(inboxes.queue));
targetContract('a FIFO queue', () => queueOf(inboxes.fifoQueue));
targetContract('a topic', () => topic);
targetContract('a FIFO topic', () => fifoTopic);
targetContract('a function', () => consumer);
