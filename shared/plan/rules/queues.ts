import { type Finding, type Path, show } from '../mistake.ts';
import { pace } from '../queue-schema.ts';
import { asMap, mapAt, namesAt, oneOfNames, scenarioExists, wrong } from './raw-plan.ts';

export function queueRules(raw: unknown): Finding[] {
  const databases = namesAt(raw, 'databases');
  const deadLetters = deadLetterQueues(raw);
  return Object.entries(mapAt(raw, 'queues') ?? {}).flatMap(([name, queue], index) => {
    const path = ['queues', name];
    const probe = mapAt(queue, 'probe');
    return [
      ...nameFreeInLedger(path, name),
      ...deadLettersOfOneQueue(path, deadLetters, index),
      ...oneOfNames([...path, 'probe', 'database'], 'a database of this plan', probe?.database, databases),
      ...scenarioExists([...path, 'scenario'], asMap(queue)?.scenario, raw),
      ...noDeadLetterQueue([...path, 'target', 'queue'], mapAt(queue, 'target')?.queue, raw),
      ...groupsThatExist(path, queue),
      ...subscriptionOfWebhook(path, queue),
      ...workForEachWorker(path, queue),
    ];
  });
}

/** The ledger keeps a queue's keys under its name, and its own records under these: a key must never be one of them. */
const TAKEN_IN_LEDGER = ['lock', 'start'];

function nameFreeInLedger(path: Path, name: string): Finding[] {
  if (!TAKEN_IN_LEDGER.includes(name)) return [];
  const expected = `another name than ${TAKEN_IN_LEDGER.join(' and ')}, which the ledger keeps for itself`;
  return [{ kind: 'wrong name', path, expected, found: show(name) }];
}

/** Of every queue of the plan, in its order. */
function deadLetterQueues(raw: unknown): unknown[] {
  return Object.values(mapAt(raw, 'queues') ?? {}).map((queue) => asMap(queue)?.deadLetters);
}

/** Two replays would take messages from each other, and each would hold its account against the other's. */
function deadLettersOfOneQueue(path: Path, deadLetters: readonly unknown[], index: number): Finding[] {
  const name = deadLetters[index];
  if (typeof name !== 'string' || deadLetters.indexOf(name) === index) return [];
  return [wrong([...path, 'deadLetters'], 'a dead-letter queue that no queue above names', name)];
}

/** What is sent to a dead-letter queue of the plan would be replayed as soon as it arrives, for ever. */
export function noDeadLetterQueue(path: Path, name: unknown, raw: unknown): Finding[] {
  if (typeof name !== 'string' || !deadLetterQueues(raw).includes(name)) return [];
  return [wrong(path, 'a queue that is no dead-letter queue of this plan', name)];
}

/**
 * Messages of a standard queue need have no group, without which FIFO queues and topics take none.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagegroupid-property.html
 */
function groupsThatExist(path: Path, queue: unknown): Finding[] {
  const { deadLetters } = asMap(queue) ?? {};
  if (typeof deadLetters !== 'string' || deadLetters.endsWith('.fifo')) return [];
  return (['queue', 'topic'] as const).flatMap((kind) => {
    const name = mapAt(queue, 'target')?.[kind];
    if (typeof name !== 'string' || !name.endsWith('.fifo')) return [];
    const expected = `a standard ${kind}, as the dead-letter queue is one: its messages have no group`;
    return [wrong([...path, 'target', kind], expected, name)];
  });
}

function subscriptionOfWebhook(path: Path, queue: unknown): Finding[] {
  const target = mapAt(queue, 'target');
  const subscription = asMap(queue)?.subscription;
  if (!target || subscription === undefined || Object.hasOwn(target, 'webhook')) return [];
  return [wrong([...path, 'subscription'], 'subscription only where the target is a webhook', subscription)];
}

/** The pace is of all workers together, and each has its share. */
function workForEachWorker(path: Path, queue: unknown): Finding[] {
  const read = pace.safeParse(asMap(queue)?.pace);
  if (!read.success) return [];
  const { rate, inFlight, workers } = read.data;
  const place = [...path, 'pace', 'workers'];
  return [
    ...(workers > inFlight ? [wrong(place, `at most pace.inFlight, which is ${inFlight}`, workers)] : []),
    ...(workers > rate ? [wrong(place, `at most pace.rate, which is ${rate}`, workers)] : []),
  ];
}
