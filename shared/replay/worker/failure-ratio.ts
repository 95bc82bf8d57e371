/** The last deliveries, as far as they are looked at. */
const WINDOW = 50;

/** Fewer deliveries say nothing. */
const ENOUGH = 10;

/** Watches how many of the recent deliveries failed. */
export interface FailureRatio {
  record(accepted: boolean): void;
  /** Why a replay must stop; null while it may go on. */
  exceeded(): string | null;
}

/** @param limit the part of recent deliveries that may fail, from 0 to 1 */
export function createFailureRatio(limit: number): FailureRatio {
  const recent: boolean[] = [];
  return {
    record(accepted) {
      recent.push(accepted);
      if (recent.length > WINDOW) recent.shift();
    },
    exceeded() {
      const failed = recent.filter((accepted) => !accepted).length;
      if (recent.length < ENOUGH || failed / recent.length <= limit) return null;
      return `${failed} of the last ${recent.length} deliveries failed; the plan allows ${Math.round(limit * 100)} %`;
    },
  };
}
