import type { RunEnd, RunEvent } from './execution-events.ts';

/**
 * Where a run stands that the journal has as running. `forgotten`: Step Functions keeps histories for 90 days.
 * `elsewhere`: it runs in another Region, which is not asked.
 */
export type ExecutionState =
  | { readonly kind: 'running'; readonly state: string | null }
  | { readonly kind: 'ended unrecorded'; readonly end: RunEnd }
  | { readonly kind: 'forgotten' }
  | { readonly kind: 'elsewhere'; readonly region: string };

/** Reads where a run stands from its events. */
export function executionStateOf(events: readonly RunEvent[]): ExecutionState {
  const last = events.at(-1);
  if (last?.kind === 'ended') return { kind: 'ended unrecorded', end: last.end };
  const state = events.findLast(({ kind }) => kind === 'entered');
  return { kind: 'running', state: state?.kind === 'entered' ? state.state : null };
}
