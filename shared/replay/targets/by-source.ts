import type { Target } from '../../delivery/target.ts';
import { plannedSource, sourceOf } from '../message/source.ts';

/** One target for each source that the plan names, and one for all others. It is well while all of them are. */
export function bySource(others: Target, sources: ReadonlyMap<string, Target>): Target {
  const all = [others, ...sources.values()];
  return {
    deliver: (message, key, signal) => {
      const source = sourceOf(message);
      const entry = source === null ? undefined : plannedSource(sources, source.id);
      return ((entry !== undefined && sources.get(entry)) || others).deliver(message, key, signal);
    },
    async health(signal) {
      const healths = await Promise.all(all.map((target) => target.health(signal)));
      return (
        healths.find((health) => health !== null && !health.healthy) ??
        healths.find((health) => health !== null) ??
        null
      );
    },
    async close() {
      await Promise.allSettled(all.map((target) => target.close()));
    },
  };
}
