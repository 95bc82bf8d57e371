/** How many of the latest deliveries are considered. */
const WINDOW = 50;

/** With fewer deliveries, the ratio says nothing. */
const ENOUGH = 10;

/** Tracks the share of recent deliveries that failed. */
export interface FailureRatio {
  record(accepted: boolean): void;
  /** Why the replay must stop; null while it may continue. */
  exceeded(): string | null;
}

/** @param limit the share of recent deliveries that may fail, from 0 to 1 */
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
