/** More do not make one worker faster: it asks about a batch of messages at a time. */
const MOST = 4;

/** How many connections one of these workers may open to a database that allows so many for all of them. At least one. */
export function shareOfConnections(allowed: number, workers: number): number {
  return Math.max(1, Math.min(MOST, Math.floor(allowed / workers)));
}
