import type { Finding } from '../mistake.ts';
import { databaseRules } from './databases.ts';
import { queueRules } from './queues.ts';
import { mapAt, wrong } from './raw-plan.ts';
import { rehydrationRules } from './rehydrations.ts';

/**
 * What one value of a plan says about another. Works on the value as YAML gives it and passes over whatever has not the
 * shape it needs: that is listed by checkShape, and both lists are shown together.
 */
export function checkRules(raw: unknown): Finding[] {
  return [...twoRegions(raw), ...databaseRules(raw), ...queueRules(raw), ...rehydrationRules(raw)];
}

function twoRegions(raw: unknown): Finding[] {
  const { primary, standby } = mapAt(raw, 'regions') ?? {};
  if (typeof standby !== 'string' || primary !== standby) return [];
  return [wrong(['regions', 'standby'], 'another Region than the primary', standby)];
}
