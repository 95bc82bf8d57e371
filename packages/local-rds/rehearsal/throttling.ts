import { Fault } from '../protocol/fault.ts';

/** Which requests are refused for coming too fast, and how often. */
export interface ThrottlingRule {
  /** All of them, unless one is named. */
  readonly action?: string | undefined;
  readonly region?: string | undefined;
  /** Refusals before one request is accepted, counted by action and Region. */
  readonly refusals: number;
}

/** Refuses requests as RDS does when there are too many of them. Forgotten at the end of the program. */
export class Throttling {
  #rules: readonly ThrottlingRule[] = [];
  readonly #asked = new Map<string, number>();

  /** In place of an earlier rule for the same requests. 0 refusals end it. */
  set(rule: ThrottlingRule): void {
    const others = this.#rules.filter(
      ({ action, region }) => action !== rule.action || region !== rule.region,
    );
    this.#rules = rule.refusals === 0 ? others : [...others, rule];
    this.#asked.clear();
  }

  refusal(region: string, action: string): Fault | undefined {
    const refusals = this.#rules
      .filter((rule) => (rule.action ?? action) === action && (rule.region ?? region) === region)
      .reduce((most, rule) => Math.max(most, rule.refusals), 0);
    if (refusals === 0) return undefined;
    const key = `${region} ${action}`;
    const asked = this.#asked.get(key) ?? 0;
    this.#asked.set(key, (asked + 1) % (refusals + 1));
    return asked < refusals ? new Fault('Throttling', 'Rate exceeded') : undefined;
  }
}
