import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { Replay } from '../../plan/sections/replays.ts';

/** A dead-letter queue holds messages of several sources, and the plan has one target for all of them. */
export class MixedSources extends LifeboatError {
  override readonly name = 'MixedSources';
  override readonly kind = 'usage';
}

/** What the plan and an operator say of the sources of a queue's messages. */
export interface SourceRules {
  readonly planned: Replay['sources'];
  /** A filter may choose the messages of one source. */
  readonly isFiltered: boolean;
}

/**
 * Why a queue must not be replayed as it is; null where it may. Messages of two queues belong to two consumers: one target
 * would get what it does not know, accept it, and the message would be gone.
 *
 * @param feeding names of the queues that move their dead letters there
 * @param found names of the sources of messages that would be sent
 */
export function mixedSources(
  { planned, isFiltered }: SourceRules,
  feeding: readonly string[],
  found: readonly string[],
): string | null {
  if (planned !== undefined) return null;
  const sources = isFiltered ? [...new Set(found)] : [...new Set([...feeding, ...found])];
  if (sources.length < 2) return null;
  return (
    `messages of ${sources.length} sources are in one dead-letter queue (${sources.sort().join(', ')}), and the plan has one target for all: ` +
    "give each its target under `sources`, say `sources: any`, or filter for one: source == 'NAME'"
  );
}

/** Watches the sources of the messages that one worker sends. */
export interface SourceWatch {
  /** @returns why the worker must stop instead of sending a message of that source; null to go on */
  admit(source: string | null): string | null;
}

export function createSourceWatch(planned: Replay['sources']): SourceWatch {
  const seen = new Set<string>();
  return {
    admit(source) {
      if (source === null || planned !== undefined) return null;
      // Those that came first were sent. One that is another source's is not.
      return mixedSources({ planned, isFiltered: true }, [], [...seen.add(source)]);
    },
  };
}
