import { formatDuration } from '../plan/values/duration.ts';
import type { Measure } from './measure-recovery.ts';

/** A measure in words: `12s, target 15m: met (measured)`. */
export function measureInWords({ basis, seconds, targetSeconds, met }: Measure): string {
  const target = `target ${formatDuration(targetSeconds * 1000)}`;
  if (seconds === null) return `not measured, ${target}`;
  return `${formatDuration(Math.round(seconds * 1000))}, ${target}: ${met ? 'met' : 'MISSED'} (${basis})`;
}
