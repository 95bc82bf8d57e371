import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { messageIdOf, webhookEvent } from '../../local/sample/webhook-events.ts';
import { sum } from '../../shared/replay/account/account.ts';
import { type Deployed, deploy } from './support/deployed.ts';
import { startKiller } from './support/replay-killer.ts';
import { type FilledQueue, openQueue } from './support/replay-queue.ts';
import { type Reaction, type Received, startReceiver, TAKEN } from './support/replay-receiver.ts';

/**
 * The deployed replay under everything at once: copies, poison, a target that fails, workers that are killed. Small here;
 * `SOAK_MESSAGES=20000 npx vitest run test/integration/replay-soak.test.ts` is the whole one, of some minutes.
 */
const MESSAGES = Number(process.env.SOAK_MESSAGES ?? 2_000);
const LIMIT_MS = 1_800_000;

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:mailblast-email-events';

let deployed: Deployed;
let sqs: SQSClient;
let queue: FilledQueue;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-soak-'));
  const plan = parse(await readFile('plans/mailblast.yml', 'utf8'));
  const planned = plan.replays['webhook-events'];
  // The receiver keeps its effects in memory: there is no database to ask. Nothing else starts a replay in between.
  for (const field of ['alreadyApplied', 'subscription', 'schedule', 'start']) delete planned[field];
  planned.target = { webhook: { secret: 'mailblast/webhook', timeout: '2s', health: '/health' } };
  planned.pace = { rate: 2_000, inFlight: 60, workers: 5 };
  const planFile = path.join(folder, 'soak.yml');
  await writeFile(planFile, stringify(plan));
  // A replay does not wait for what a dead worker held: the operator does, and starts another.
  deployed = await deploy({ plan: planFile, waitScale: 0 });
  const { endpoint, region, accountId } = deployed.aws;
  sqs = new SQSClient({ endpoint, region, credentials: { accessKeyId: accountId, secretAccessKey: 'test' } });
  queue = await openQueue(sqs, planned.deadLetters);
});

afterAll(async () => {
  sqs?.destroy();
  await deployed?.aws.stop();
  await rm(folder, { recursive: true, force: true });
});

/** One request in ten goes wrong. Of ten of these, six are an answer that says so. */
function faulty({ nth }: Received): Reaction {
  if (nth % 10 !== 0) return TAKEN;
  switch ((nth / 10) % 10) {
    case 1:
      return { answer: 'never', effect: true };
    case 4:
      return { answer: 'never', effect: false };
    case 7:
    case 9:
      return { answer: 'cut', effect: true };
    default:
      return { status: 500 };
  }
}

/** What lies in the queue: events that are to take effect, a fifth of all copies of them, and poison. */
function compose(messages: number, first: number) {
  const refused = Math.ceil(messages / 400);
  const unparsable = Math.ceil(messages / 400);
  const copies = Math.floor(messages / 5);
  const wanted = messages - copies - refused - unparsable;
  const event = (number: number) => webhookEvent(first + number, { topicArn: TOPIC, at: new Date(0) });
  const bodies = Array.from({ length: messages }, (_, index) => {
    if (index < wanted + refused) return event(index);
    return index < messages - unparsable ? event((index * 7) % wanted) : `{"cut": ${first + index}`;
  });
  const ids = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => messageIdOf(first + from + index));
  return {
    wanted: ids(0, wanted),
    refused: new Set(ids(wanted, refused)),
    copies,
    poison: refused + unparsable,
    /** In another order, the same each time: 7,919 is a prime. */
    bodies: bodies.map((_, index) => bodies[(index * 7_919) % messages] ?? ''),
  };
}

/** Replays as an operator does: again, whenever something is there, until nothing is left. @returns the evidence of each run */
async function replayToTheEnd() {
  const runs = [];
  for (; (await queue.left()) > 0; await sleep(100)) {
    if ((await queue.visible()) === 0) continue;
    const { runId, output } = await deployed.run('replay');
    for (let next = output?.continuedBy; typeof next === 'string'; ) {
      const { output = '{}' } = await deployed.ended(next);
      next = JSON.parse(output).continuedBy;
    }
    runs.push(await deployed.evidence('replay', runId));
  }
  return runs;
}

test.each([
  {
    receiver: 'honours the key',
    idempotent: true,
    messages: MESSAGES,
    kills: 3 + Math.floor(MESSAGES / 2_500),
  },
  { receiver: 'does not', idempotent: false, messages: Math.ceil(MESSAGES / 4), kills: 2 },
])(
  '$messages messages, with workers killed, and a target that fails one time in ten and $receiver',
  async ({ messages, kills, idempotent }) => {
    const { wanted, refused, copies, poison, bodies } = compose(messages, idempotent ? 1_000_000 : 2_000_000);
    await queue.put(bodies);
    const receiver = await startReceiver({
      url: deployed.aws.addresses['mailblast/webhook'],
      idempotent,
      react: (request) => (refused.has(request.key) ? { status: 422 } : faulty(request)),
    });
    const done = () => receiver.effects.size;
    const killer = startKiller(
      { folder: deployed.aws.runFolder, functionName: `${deployed.aws.stack.name}-drain-queue` },
      done,
      Array.from({ length: kills }, (_, index) => ((index + 0.5) * wanted.length) / kills),
    );
    const started = performance.now();
    const runs = await replayToTheEnd();
    const killed = await killer.stop();
    await receiver.down();

    const account = sum(runs.flatMap(({ account }) => account ?? []));
    const steps = runs.map(({ steps }) => steps.account);
    const again = receiver.repeated();
    console.log(
      `${Math.round((performance.now() - started) / 1_000)} s, ${runs.map(({ outcome }) => outcome).join(', ')}; ` +
        `${killed} killed; sent again with effect ${again}; ${JSON.stringify(account)}`,
    );
    for (const { outcome } of runs) expect(['replayed', 'stopped']).toContain(outcome);
    for (const step of steps) expect(step).toMatchObject({ addsUp: true });
    for (const { account } of runs) {
      const { received, delivered, duplicates, quarantined, returned } = account ?? sum([]);
      expect(delivered + duplicates + quarantined + returned).toBe(received);
    }
    expect(killed).toBe(kills);
    expect(wanted.filter((id) => !receiver.effects.has(id))).toEqual([]);
    expect(receiver.effects.size).toBe(wanted.length);
    expect(account.delivered).toBe(wanted.length);
    expect(account.quarantined).toBe(poison);
    expect(account.duplicates).toBeGreaterThanOrEqual(copies);
    // What was sent again is what the account calls unknown, whether the receiver minds or not.
    expect(again).toBeGreaterThan(0);
    expect(again).toBeLessThanOrEqual(account.unknown);
    if (idempotent) expect(receiver.doubles()).toBe(0);
    else expect(receiver.doubles()).toBe(again);
  },
  LIMIT_MS,
);
