import type { Kind, Outcome, Severity } from './kind.ts';
import { KINDS, kindOf } from './kinds.ts';

/** A run's kind and how it ended. */
export interface EndedAs {
  readonly machine: string;
  readonly outcome: string;
  /** What the run left on a server that is not ours to keep. */
  readonly leftBehind?: string | null | undefined;
}

/** What the kind of a run says of its outcome. @throws UnknownKind; TypeError if the kind has no such outcome */
export function outcomeOf({ machine, outcome }: EndedAs, kinds: readonly Kind[] = KINDS): Outcome {
  const found = kindOf(machine, kinds).outcomes[outcome];
  if (!found) throw new TypeError(`no run of the kind "${machine}" ends as "${outcome}"`);
  return found;
}

/** Whether a run did what it was started for. */
export function succeeded(run: EndedAs, kinds: readonly Kind[] = KINDS): boolean {
  return outcomeOf(run, kinds).exit === 'good';
}

/** Whether a person has to act: the run failed, or left something behind. */
export function needsAttention(run: EndedAs, kinds: readonly Kind[] = KINDS): boolean {
  return !succeeded(run, kinds) || Boolean(run.leftBehind);
}

/** The severity of the outcome. What was left behind is at least an `error`, because it holds restored data. */
export function severityOf(run: EndedAs, kinds: readonly Kind[] = KINDS): Severity {
  const { severity } = outcomeOf(run, kinds);
  return run.leftBehind && severity !== 'critical' ? 'error' : severity;
}

/** `backup taken`, `RESTORE NOT PROVEN`, `restore verified, COPY LEFT BEHIND`: in capitals if a person has to act. */
export function outcomeInWords(run: EndedAs, kinds: readonly Kind[] = KINDS): string {
  const { words, exit } = outcomeOf(run, kinds);
  return (exit === 'good' ? words : words.toUpperCase()) + (run.leftBehind ? ', COPY LEFT BEHIND' : '');
}
