import * as z from 'zod';
import type { Kind, Reached, Steps } from './kind.ts';

/** What a document about a run has of its kind: the name, one of its outcomes, and what its steps answered. */
export type OfKind<Of extends Kind> =
  Of extends Kind<infer Name, z.ZodType, infer OfSteps, infer OfOutcomes>
    ? {
        readonly machine: Name;
        readonly outcome: keyof OfOutcomes & string;
        /** What each step answered, by its name. A step that the run did not reach is absent. */
        readonly steps: Reached<OfSteps>;
      }
    : never;

/**
 * Adds to the fields that documents of all kinds have those that depend on the kind: a union by `machine`. What the steps
 * answered is read by the contracts of their functions.
 */
export function byKind<Common extends z.ZodObject, Of extends Kind>(
  common: Common,
  kinds: readonly Of[],
): z.ZodType<z.output<Common> & OfKind<Of>> {
  const [first, ...others] = kinds.map((kind) =>
    common.extend({
      machine: z.literal(kind.name),
      outcome: z.enum(Object.keys(kind.outcomes)),
      steps: answersOf(kind.steps),
    }),
  );
  if (!first) throw new TypeError('a list of kinds needs one kind at least');
  return z.discriminatedUnion('machine', [first, ...others]) as unknown as z.ZodType<
    z.output<Common> & OfKind<Of>
  >;
}

/** A step that the kind does not know is kept as it is: it may be that of another version. */
function answersOf(steps: Steps): z.ZodType {
  const answers = Object.entries(steps).map(([name, { answer }]) => [name, answer.optional()] as const);
  return z.object(Object.fromEntries(answers)).catchall(z.unknown());
}
