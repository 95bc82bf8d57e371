import type { RunEnd, RunEvent } from './execution-events.ts';

/** Where a run stands that the journal has as running. `forgotten`: Step Functions keeps histories for 90 days. */
export type Standing =
  | { readonly kind: 'running'; readonly state: string | null }
  | { readonly kind: 'ended unrecorded'; readonly end: RunEnd }
  | { readonly kind: 'forgotten' };

/** Reads where a run stands from its events. */
export function standingOf(events: readonly RunEvent[]): Standing {
  const last = events.at(-1);
  if (last?.kind === 'ended') return { kind: 'ended unrecorded', end: last.end };
  const state = events.findLast(({ kind }) => kind === 'entered');
  return { kind: 'running', state: state?.kind === 'entered' ? state.state : null };
}
