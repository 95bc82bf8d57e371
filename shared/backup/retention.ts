/**
 * Decides which recovery points may be deleted: those past their retention. The newest verified one stays, and while none is
 * verified all stay, because each may be the only good one. A verified one that is not among the points, because it was deleted or
 * its copy was lost, protects nothing: then all stay as well.
 *
 * @returns their ids, in the order given
 */
export function deletableOf(
  points: readonly { readonly id: string; readonly keptUntil: Date }[],
  { now, newestVerified }: { now: Date; newestVerified: string | null },
): string[] {
  if (!points.some(({ id }) => id === newestVerified)) return [];
  return points.filter(({ id, keptUntil }) => keptUntil <= now && id !== newestVerified).map(({ id }) => id);
}
