import type { DatabaseAccess } from '../database/access.ts';
import { withConnections } from '../database/connections.ts';
import { namingLostConnection } from '../database/lost-connection.ts';
import type { ProgressReporter } from '../journal/progress.ts';
import { openAnswer } from './answer.ts';
import type { Destination, Put, Rules } from './destination.ts';
import { messageId } from './message.ts';

export interface RehydrationRequest {
  /** Its name in the plan: part of each message's id. */
  readonly rehydration: string;
  readonly access: DatabaseAccess;
  readonly sql: string;
  readonly rules: Rules;
  /** Counts the rows and checks them, and sends nothing. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/** What became of the rows: rows = sent + alreadySent + failed, and 0 sent of a dry run. */
export interface Rehydrated {
  readonly rows: number;
  readonly sent: number;
  readonly alreadySent: number;
  readonly failed: number;
  /** Of those sent: an earlier attempt may have sent them too. No others are there twice. */
  readonly unknown: number;
  /** Why the last one failed. */
  readonly lastFailure: string | null;
}

const NOTHING_SENT = { sent: 0, alreadySent: 0, failed: 0, unknown: 0, lastFailure: null };

/** In memory at one time: 25 MB of rows at their largest. */
const PAGE = 100;

/**
 * Makes messages of the rows of a database, each once: their ids derive from the plan and the rows, so that what an
 * earlier attempt sent is not sent again.
 *
 * @throws RehydrationInvalid before anything is sent; DatabaseUnreachable and what the destination throws, after which
 * running it again is safe; the signal's reason
 */
export async function rehydrate(
  ports: { destination: Destination; progress: ProgressReporter },
  { rehydration, access, sql, rules, dryRun, signal }: RehydrationRequest,
): Promise<Rehydrated> {
  const { destination, progress } = ports;
  return withConnections(access, { purpose: 'rehydration', count: 1, signal }, async ([client]) => {
    const answer = await openAnswer(client, { rehydration, sql, rules });
    let done: Rehydrated = { ...NOTHING_SENT, rows: answer.rows };
    if (dryRun) return done;
    let bytes = 0;
    for await (const page of answer.read(PAGE)) {
      signal.throwIfAborted();
      const messages = page.map(({ key, body, group }) => ({ id: messageId(rehydration, key), body, group }));
      done = (await destination.put(messages, signal)).reduce(count, done);
      bytes += messages.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
      const tasksDone = done.sent + done.alreadySent + done.failed;
      progress.report({ doing: 'sending messages', bytes, tasksDone, tasksTotal: answer.rows });
    }
    return done;
  }).catch((error) => {
    throw namingLostConnection(error, access);
  });
}

function count(done: Rehydrated, put: Put): Rehydrated {
  switch (put.outcome) {
    case 'sent':
      return { ...done, sent: done.sent + 1, unknown: done.unknown + (put.resent ? 1 : 0) };
    case 'already-sent':
      return { ...done, alreadySent: done.alreadySent + 1 };
    case 'failed':
      return { ...done, failed: done.failed + 1, lastFailure: put.reason };
  }
}
