import type { Json } from '../json.ts';

/** The variables of one scope, and the outer ones it can read (spec, "Variables"). */
export class Variables {
  readonly #outer: Variables | undefined;
  readonly #own = new Map<string, Json>();

  constructor(outer?: Variables) {
    this.#outer = outer;
  }

  /** The scope of a branch or an iteration: it reads this one, and its own variables end with it. */
  inner(): Variables {
    return new Variables(this);
  }

  /** All at once: the expressions of one Assign see the values from before it. */
  assign(values: Readonly<Record<string, Json>>): void {
    for (const [name, value] of Object.entries(values)) this.#own.set(name, value);
  }

  /** Everything visible from here. */
  all(): Record<string, Json> {
    return { ...this.#outer?.all(), ...Object.fromEntries(this.#own) };
  }
}
