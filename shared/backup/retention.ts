/**
 * Decides which recovery points may be deleted: those past their retention that are older than the newest verified one. While none
 * is verified all stay, because each may be the only good one. What is newer than the verified one stays as well: it holds writes
 * that no proven recovery point has. A verified one that is not among the points, because it was deleted or its copy was lost,
 * protects nothing: then all stay.
 *
 * @param points oldest first
 * @returns their ids, in the order given
 */
export function deletableOf(
  points: readonly { readonly id: string; readonly keptUntil: Date }[],
  { now, newestVerified }: { now: Date; newestVerified: string | null },
): string[] {
  const verified = points.findIndex(({ id }) => id === newestVerified);
  return points
    .slice(0, Math.max(0, verified))
    .filter(({ keptUntil }) => keptUntil <= now)
    .map(({ id }) => id);
}
