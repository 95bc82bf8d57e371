import { type ErrorKind, LifeboatError } from '../../errors/lifeboat-error.ts';
import type { Journal } from '../../journal/journal.ts';
import type { QuarantineEntry } from './quarantine.ts';
import type { Release } from './quarantined-message.ts';
import { type ReleasePorts, releaseQuarantined } from './release.ts';

/** What became of one message that was to be released. */
export type Released = { readonly id: string } & (
  | { readonly outcome: 'released'; readonly release: Release }
  | { readonly outcome: 'kept'; readonly error: string; readonly reason: string }
);

export interface ReleaseAllPorts extends ReleasePorts {
  readonly journal: Pick<Journal, 'write'>;
}

/** Kinds of errors that are about one message: the others are released all the same. */
const ABOUT_ONE: ReadonlySet<ErrorKind> = new Set(['usage', 'conflict', 'unsupported']);

/** A record of DynamoDB has room for so many ids; the vault has each release anyway. */
const MOST_LISTED = 1_000;

/**
 * Puts messages of a queue's quarantine on the queue again, one after the other, and leaves a record of it in the journal,
 * also if it breaks off. Nothing is recorded if no message was released.
 *
 * @param again also those that were released before
 * @throws what the ports throw. If the journal throws, the messages are released, and the vault says so
 */
export async function releaseAll(
  ports: ReleaseAllPorts,
  queue: string,
  ids: readonly string[],
  { by, again }: { readonly by: string; readonly again: boolean },
): Promise<Released[]> {
  const startedAt = ports.clock.now();
  const outcomes: Released[] = [];
  try {
    for (const id of ids) outcomes.push(await releaseOne(ports, id, { by, again }));
  } finally {
    await record(ports, { queue, by, startedAt, asked: ids.length }, outcomes);
  }
  return outcomes;
}

async function releaseOne(
  ports: ReleasePorts,
  id: string,
  how: { readonly by: string; readonly again: boolean },
): Promise<Released> {
  try {
    return { id, outcome: 'released', release: await releaseQuarantined(ports, id, how) };
  } catch (error) {
    if (!(error instanceof LifeboatError && ABOUT_ONE.has(error.kind))) throw error;
    return { id, outcome: 'kept', error: error.name, reason: error.message };
  }
}

async function record(
  { journal, clock }: ReleaseAllPorts,
  { queue, by, startedAt, asked }: { queue: string; by: string; startedAt: Date; asked: number },
  outcomes: readonly Released[],
): Promise<void> {
  const released = outcomes.flatMap((each) => (each.outcome === 'released' ? [each] : []));
  const [first] = released;
  if (!first) return;
  const listed = released.slice(0, MOST_LISTED).map(({ id }) => id);
  await journal.write({
    machine: 'release',
    // SQS gives each message it takes an id of its own.
    runId: `release-${first.release.messageId}`,
    startedAt: startedAt.toISOString(),
    startedBy: by,
    subject: queue,
    status: 'released',
    reason: `${released.length} of ${asked} messages are on the queue again`,
    messages: listed,
    finishedAt: clock.now().toISOString(),
  });
}

/** The messages of a kind, without those that were released before unless they are wanted again. */
export function ofKind(
  messages: readonly QuarantineEntry[],
  kind: string,
  { again }: { again: boolean },
): QuarantineEntry[] {
  return messages.filter((message) => message.kind === kind && (again || message.releases === 0));
}
