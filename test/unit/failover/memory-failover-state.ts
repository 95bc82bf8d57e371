import type { SwitchedOff } from '../../../shared/failover/assess.ts';
import type { FailoverState } from '../../../shared/failover/failover-state.ts';
import { remember, type Sighting } from '../../../shared/failover/sighting.ts';

/** A store in memory, by the contract of test/contract/failover-state.ts. */
export function memoryFailoverState(switchedOff: SwitchedOff | null = null): FailoverState {
  let kept: Sighting[] = [];
  return {
    sightings: async () => kept,
    async addSightings(seen, subjects, now) {
      kept = remember([...kept, ...seen], subjects, now);
      return kept;
    },
    switchedOff: async () => switchedOff,
  };
}
