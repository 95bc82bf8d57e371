import type { Catcher } from './asl.ts';
import { onFailure } from './catches.ts';

/** Errors that say that the backup itself is bad reject it; any other leaves it not proven. */
export function judge(
  bad: { readonly errors: string[]; readonly reason: string },
  unproven: string,
  next: string,
): Catcher[] {
  return [
    onFailure({ reason: bad.reason, outcome: 'rejected', next }, bad.errors),
    onFailure({ reason: unproven, outcome: 'not-proven', next }),
  ];
}

export const manifestDamaged = { errors: ['ManifestDamaged'], reason: 'the manifest is damaged' };
export const anyDamage = ['RecoveryPointDamaged', 'ManifestDamaged'];
