import { classifyServiceError, wordsOf } from '../aws/service-error.ts';

/** What a request to RDS came to. RDS does the work later, and a later look finds it. */
export type Requested =
  /** RDS has begun. It may also have begun before. */
  | { readonly kind: 'begun' }
  /** RDS refused for a reason that passes by itself. Nothing was begun. */
  | { readonly kind: 'refused'; readonly because: string };

/** The names of errors that mean something else for one action than for another. */
export interface RefusalsOf {
  /** What was asked for exists. */
  readonly begun: RegExp;
  readonly quota: RegExp;
  readonly quotaOf: string;
  /** The error for a KMS key that cannot be used. */
  readonly keyUnusable: (words: string) => Error;
}

/** Tells what passes by itself from what does not. Throws what does not. */
export async function requested(
  region: string,
  request: () => Promise<unknown>,
  { begun, quota, quotaOf, keyUnusable }: RefusalsOf,
): Promise<Requested> {
  try {
    await request();
    return { kind: 'begun' };
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    const refused = (because: string): Requested => ({
      kind: 'refused',
      because: `${region}: ${because}: ${wordsOf(error)}`,
    });
    if (begun.test(name)) return { kind: 'begun' };
    if (quota.test(name)) return refused(`queued, because a quota of ${quotaOf} is reached`);
    if (/^InvalidDB(?:Instance|Snapshot|InstanceAutomatedBackup|Cluster|ClusterSnapshot)State/.test(name))
      return refused('RDS is not ready for it');
    if (/^KMSKeyNotAccessible/.test(name)) throw keyUnusable(wordsOf(error));
    const kind = classifyServiceError(error);
    if (kind === 'throttled') return refused('queued, because RDS throttles');
    // What was asked for may have begun: the next look tells.
    if (kind === 'unavailable' || kind === 'unreachable') return refused('RDS did not respond');
    throw error;
  }
}
