import type { DatabaseLook } from '../../database/engine.ts';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import { formatDuration } from '../../plan/values/duration.ts';
import { codeOf, type Finding, failing, findingOfNetwork, healthy, silent, unknown } from './look.ts';

/** One look at a database, made or failed. It serves the signal `connect` as well as `heartbeat`. */
export type DatabaseSeen = { readonly look: DatabaseLook } | { readonly error: unknown };

/** What a look at the database says of the connection. A server that only reads is no primary. */
export function connectionFinding(seen: DatabaseSeen): Finding {
  if ('error' in seen) return findingOfError(seen.error);
  return seen.look.readsOnly
    ? failing('the server only reads: it is a standby, and no primary')
    : healthy('a connection was made, and the server takes writes');
}

/** What the same look says of the heartbeat. While the database cannot be connected to nothing is known of it. */
export function heartbeatFinding(seen: DatabaseSeen, olderThan: number, now: Date): Finding {
  if ('error' in seen)
    return unknown(`the heartbeat could not be read: ${findingOfError(seen.error).detail}`);
  const { beatAt, refused } = seen.look;
  if (refused) return unknown(`the heartbeat could not be read: ${refused.message}`);
  if (beatAt === null) return unknown('the database has no heartbeat of this workload yet');
  const age = now.getTime() - beatAt.getTime();
  const words = `the newest heartbeat is ${formatDuration(Math.max(0, Math.floor(age / 1000) * 1000))} old`;
  return age > olderThan ? failing(words) : healthy(words);
}

/**
 * The server is starting, shutting down or was killed. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const DOWN = /^57P0[1-5]$|^08/;

/** A SQLSTATE that is not one of those: something answers as PostgreSQL does, and refuses this one login or query. */
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * An error counts as failure only where it says something of the server. A login that is refused, a certificate that the
 * watcher does not know and a server without a free connection are all answers of a server that runs.
 */
function findingOfError(error: unknown): Finding {
  if (error instanceof LookTimedOut) return silent(error.message);
  const code = codeOf(error);
  if (DOWN.test(code)) return failing(`the server does not take connections now (${code})`);
  const network = findingOfNetwork(code, 'the database');
  if (network) return network;
  const cause = error instanceof LifeboatError && error.cause instanceof Error ? error.cause.message : '';
  if (/timeout/i.test(cause)) return silent('the database did not answer');
  if (/Connection terminated unexpectedly/.test(cause)) return failing('the database closed the connection');
  if (SQLSTATE.test(code)) return unknown(`the database answers, and refuses the watcher (${code})`);
  return unknown(error instanceof Error ? error.message : String(error));
}

/** A look was not done in its time. */
export class LookTimedOut extends LifeboatError {
  override readonly name = 'LookTimedOut';
  override readonly kind = 'unavailable';
  override readonly retryable = true;
}
