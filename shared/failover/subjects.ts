import type { Signal } from '../plan/sections/failover.ts';

/** What each signal of a plan looks at, in words. */
export function subjectsOf(signals: Readonly<Record<string, Signal>>): Record<string, string> {
  return Object.fromEntries(Object.entries(signals).map(([name, signal]) => [name, subjectOf(signal)]));
}

function subjectOf(signal: Signal): string {
  if ('health' in signal) return `health of ${signal.health.url}`;
  if ('connect' in signal) return `connection to ${signal.connect}`;
  if ('heartbeat' in signal) return `heartbeat of ${signal.heartbeat.database}`;
  return 'rds' in signal ? `RDS instance of ${signal.rds}` : `alarm ${signal.alarm}`;
}
