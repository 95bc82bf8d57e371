import type { CheckResult } from './verdict.ts';

/** A setting in which a restored instance is not like its source, in words. */
export interface DifferingSetting {
  readonly setting: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * One finding for each setting in which a restored instance is not like its source. They say nothing against the data, so that the
 * backup is not rejected for them; but a storage that is not encrypted any more is.
 *
 * @param differences null where nobody recorded the source's settings
 */
export function checkSettings(differences: readonly DifferingSetting[] | null): CheckResult[] {
  const base = { kind: 'settings' } as const;
  if (differences === null)
    return [
      {
        ...base,
        kind: 'coverage',
        name: 'the settings of the instance',
        outcome: 'left-out',
        expected: 'as the source had them',
        found:
          'nobody knows what the source was like: the snapshot does not say it, or the source is deleted',
      },
    ];
  if (differences.length === 0)
    return [
      {
        ...base,
        name: 'the instance is like its source',
        outcome: 'passed',
        expected: 'the settings of the source',
        found: 'the same',
      },
    ];
  return differences.map(({ setting, expected, found }) => ({
    ...base,
    name: setting,
    outcome: setting === 'key' && found === 'none' ? 'failed' : 'differs',
    expected,
    found,
  }));
}
