import type { DatabaseAccess } from '../database/access.ts';
import { withConnections } from '../database/postgres/connections.ts';
import { namingLostConnection } from '../database/postgres/lost-connection.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { ProgressReporter } from '../progress/progress.ts';
import { openAnswer } from './answer.ts';
import type { Destination, Put } from './destination.ts';
import { type Message, messageId } from './message.ts';

export interface RehydrationRequest {
  /** Its name in the plan, which is part of each message's id. */
  readonly rehydration: string;
  readonly access: DatabaseAccess;
  readonly sql: string;
  /** Checks the rows and counts what would be sent, without sending. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

/**
 * The outcome of the rows: rows = sent + alreadySent. For a dry run, the outcome that a real run would have.
 */
export interface Rehydrated {
  readonly rows: number;
  readonly sent: number;
  readonly alreadySent: number;
  /** The part of `sent` that an earlier attempt may have sent too. Only these can be there twice. */
  readonly unknown: number;
}

/** Some rows could not be sent. The next attempt sends them, and sends no row twice. */
export class RehydrationIncomplete extends LifeboatError {
  override readonly name = 'RehydrationIncomplete';
  override readonly kind = 'incomplete';
  override readonly retryable = true;
  readonly rehydrated: Rehydrated;
  readonly failed: number;

  constructor(rehydration: string, rehydrated: Rehydrated, failed: number, reason: string) {
    const { rows, sent, alreadySent } = rehydrated;
    super(
      `rehydration "${rehydration}" could not send ${failed} of ${rows} rows (${sent} sent, ${alreadySent} sent before); the last of them: ` +
        `${reason}. Run it again: what was sent is not sent twice`,
    );
    this.rehydrated = rehydrated;
    this.failed = failed;
  }
}

/** Rows in memory at one time: at most 25 MB. */
const PAGE = 100;

/**
 * Turns the rows of a database into messages and sends each once. The ids derive from the plan and the rows,
 * so a later attempt does not resend what an earlier one sent.
 *
 * @throws RehydrationInvalid before anything is sent; RehydrationIncomplete after all rows;
 * DatabaseUnreachable and the destination's errors, after which running it again is safe; the signal's reason
 */
export async function rehydrate(
  ports: { destination: Destination; progress: ProgressReporter },
  { rehydration, access, sql, dryRun, signal }: RehydrationRequest,
): Promise<Rehydrated> {
  const { destination, progress } = ports;
  const put = async (messages: readonly Message[]): Promise<Put[]> =>
    dryRun ? (await destination.known(messages)).map(wouldPut) : destination.put(messages, signal);

  return withConnections(access, { purpose: 'rehydration', count: 1, signal }, async ([client]) => {
    const answer = await openAnswer(client, { rehydration, sql, rules: destination.rules });
    let done: Rehydrated = { rows: answer.rows, sent: 0, alreadySent: 0, unknown: 0 };
    let failed = 0;
    let lastFailure = '';
    let bytes = 0;
    for await (const page of answer.read(PAGE)) {
      signal.throwIfAborted();
      const messages = page.map(({ key, body, group }) => ({ id: messageId(rehydration, key), body, group }));
      for (const outcome of await put(messages)) {
        done = count(done, outcome);
        if (outcome.outcome !== 'failed') continue;
        failed++;
        lastFailure = outcome.reason;
      }
      bytes += messages.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
      const tasksDone = done.sent + done.alreadySent + failed;
      progress.report({ doing: 'sending messages', bytes, tasksDone, tasksTotal: answer.rows });
    }
    if (failed > 0) throw new RehydrationIncomplete(rehydration, done, failed, lastFailure);
    return done;
  }).catch((error) => {
    throw namingLostConnection(error, access);
  });
}

function wouldPut(isKnown: boolean): Put {
  return isKnown ? { outcome: 'already-sent' } : { outcome: 'sent', resent: false };
}

function count(done: Rehydrated, put: Put): Rehydrated {
  switch (put.outcome) {
    case 'sent':
      return { ...done, sent: done.sent + 1, unknown: done.unknown + (put.resent ? 1 : 0) };
    case 'already-sent':
      return { ...done, alreadySent: done.alreadySent + 1 };
    case 'failed':
      return done;
  }
}
