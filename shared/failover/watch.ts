import type { Clock } from '../clock/clock.ts';
import type { Failover, Signal } from '../plan/sections/failover.ts';
import { visible } from '../text/visible.ts';
import { type Assessment, assess, type SwitchedOff } from './assess.ts';
import { type FailoverState, FailoverStateUnreadable } from './failover-state.ts';
import { connectionFinding, type DatabaseSeen, heartbeatFinding } from './looks/database.ts';
import { type Finding, unknown } from './looks/look.ts';
import type { Sighting } from './sighting.ts';
import { subjectsOf } from './subjects.ts';

/** What the watcher looks with. No look may throw for what it finds, and each ends by itself within its time. */
export interface Eyes {
  endpoint(health: { url: string; status: number }): Promise<Finding>;
  /** One look serves all signals of a database. */
  database(name: string): Promise<DatabaseSeen>;
  instance(database: string): Promise<Finding>;
  alarm(name: string): Promise<Finding>;
  /** Null if the watcher's own network works, else why not. */
  ownNetworkFault(): Promise<string | null>;
}

/** What is watched, and where it is kept. */
export interface Watch {
  readonly failover: Failover;
  readonly eyes: Eyes;
  readonly state: FailoverState;
  readonly clock: Clock;
}

/** The longest detail that is kept and shown. */
const DETAIL = 300;

/**
 * Looks at every signal at the same time, keeps what it saw and decides by all that is kept. Silence counts as failure only if the
 * watcher's own network works.
 */
export async function watchPrimary({ failover, eyes, state, clock }: Watch): Promise<Assessment> {
  // What is seen during the look is noted with its beginning: what was healthy then may have failed since.
  const at = clock.now();
  const switchedOff = await readSwitch(state, at);
  const findings = await lookAtAll(failover.signals, eyes, at);
  const subjects = subjectsOf(failover.signals);
  const seen = findings.map(
    ([signal, { seen, detail }]): Sighting => ({
      signal,
      subject: subjects[signal] ?? '',
      seen,
      from: at,
      until: at,
      detail: visible(detail, DETAIL),
    }),
  );
  const now = clock.now();
  const sightings = await state.addSightings(seen, subjects, now);
  return assess({ ...failover, sightings, switchedOff, lastFailover: null }, now);
}

/** A switch that cannot be read holds: somebody meant to say something. The watch goes on. */
export async function readSwitch(state: FailoverState, now: Date): Promise<SwitchedOff | null> {
  try {
    return await state.switchedOff();
  } catch (error) {
    if (!(error instanceof FailoverStateUnreadable)) throw error;
    return { since: now, by: 'an unreadable switch', reason: error.message };
  }
}

async function lookAtAll(
  signals: Readonly<Record<string, Signal>>,
  eyes: Eyes,
  now: Date,
): Promise<[string, Finding][]> {
  const databases = new Map<string, Promise<DatabaseSeen>>();
  const databaseSeen = (name: string): Promise<DatabaseSeen> => {
    const seen = databases.get(name) ?? eyes.database(name).catch((error: unknown) => ({ error }));
    databases.set(name, seen);
    return seen;
  };
  const lookAt = async (signal: Signal): Promise<Finding> => {
    if ('health' in signal) return eyes.endpoint(signal.health);
    if ('connect' in signal) return connectionFinding(await databaseSeen(signal.connect));
    if ('rds' in signal) return eyes.instance(signal.rds);
    if ('alarm' in signal) return eyes.alarm(signal.alarm);
    const { database, olderThan } = signal.heartbeat;
    return heartbeatFinding(await databaseSeen(database), olderThan, now);
  };
  const findings = await Promise.all(
    Object.entries(signals).map(async ([name, signal]): Promise<[string, Finding]> => {
      try {
        return [name, await lookAt(signal)];
      } catch (error) {
        return [
          name,
          unknown(`the look itself failed: ${error instanceof Error ? error.message : String(error)}`),
        ];
      }
    }),
  );
  if (!findings.some(([, finding]) => finding.silent)) return findings;
  const fault = await eyes.ownNetworkFault();
  if (fault === null) return findings;
  return findings.map(([name, finding]) => [
    name,
    finding.silent ? unknown(`the network of the watcher itself does not work: ${fault}`) : finding,
  ]);
}
