import type { Notifier, RunEnded } from '../../../shared/notify/notifier.ts';
import { measureInWords } from '../../../shared/objectives/measure-in-words.ts';
import { visible } from '../../../shared/text/visible.ts';

/** A channel whose messages are lines in memory, for tests of what stands on a notifier. */
export const memoryNotifier: Notifier<readonly string[]> = {
  name: 'memory',
  compose: (fact: RunEnded) =>
    [
      `${fact.workload}/${fact.subject}: ${fact.words} (${fact.severity}): ${fact.reason}`,
      ...(fact.measures
        ? [`RPO ${measureInWords(fact.measures.rpo)}`, `RTO ${measureInWords(fact.measures.rto)}`]
        : []),
      ...fact.details.map(({ label, text }) => `${label}: ${text}`),
      `by ${fact.startedBy}, evidence ${fact.evidence}`,
    ].map((line) => visible(line, 1_000)),
};
