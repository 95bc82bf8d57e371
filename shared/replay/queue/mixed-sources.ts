import { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { Replay } from '../../plan/sections/replays.ts';
import { plannedSource, sourcesInWords } from '../message/source.ts';

/** A dead-letter queue holds messages of several sources, and the plan has one target for them. */
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
 * would get what it does not know, accept it, and the message would be gone. A queue and a function with one name are two
 * sources as well.
 *
 * @param feeding ids of the queues that move their dead letters there
 * @param found ids of the sources of messages that would be sent
 */
export function mixedSources(
  { planned, isFiltered }: SourceRules,
  feeding: readonly string[],
  found: readonly string[],
): string | null {
  if (planned === 'any') return null;
  const sources = isFiltered ? [...new Set(found)] : [...new Set([...feeding, ...found])];
  if (planned !== undefined) return sharedEntry(planned, sources);
  if (sources.length < 2) return null;
  const words = sourcesInWords(sources);
  const kinds = words.some((word) => sources.includes(word)) ? " && sourceKind == 'KIND'" : '';
  return (
    `messages of ${sources.length} sources are in one dead-letter queue (${words.join(', ')}), and the plan has one target for all: ` +
    `give each its target under \`sources\`, say \`sources: any\`, or filter for one: source == 'NAME'${kinds}`
  );
}

/** Why an entry of the plan that stands for two sources of one name is no instruction; null where none does. */
function sharedEntry(planned: object, sources: readonly string[]): string | null {
  const entries = new Set(Object.keys(planned));
  const byEntry = Map.groupBy(sources, (id) => plannedSource(entries, id));
  for (const [entry, ids] of byEntry)
    if (entry !== undefined && ids.length > 1)
      return `the plan's source \`${entry}\` is ${ids.length} sources with one name: write ${ids
        .sort()
        .map((id) => `\`${id}\``)
        .join(' and ')} in its place, each with its target`;
  return null;
}

/** Watches the sources of the messages that one worker sends. */
export interface SourceWatch {
  /**
   * @param source the id of the source; null where nothing tells
   * @returns why the worker must stop instead of sending a message of that source; null to go on
   */
  admit(source: string | null): string | null;
}

export function createSourceWatch(planned: Replay['sources']): SourceWatch {
  const seen = new Set<string>();
  return {
    admit(source) {
      if (source === null || planned === 'any') return null;
      // Those that came first were sent. One that is another source's is not.
      return mixedSources({ planned, isFiltered: true }, [], [...seen.add(source)]);
    },
  };
}
