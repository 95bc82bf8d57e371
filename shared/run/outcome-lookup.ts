import type { Kind, Outcome } from './kind.ts';
import { KINDS, kindOf } from './kinds.ts';

/** A run's kind and how it ended. */
export interface EndedAs {
  readonly machine: string;
  readonly outcome: string;
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

/** `backup taken`, `RESTORE NOT PROVEN`: in capitals if a person has to act. */
export function outcomeInWords(run: EndedAs, kinds: readonly Kind[] = KINDS): string {
  const { words, exit } = outcomeOf(run, kinds);
  return exit === 'good' ? words : words.toUpperCase();
}
