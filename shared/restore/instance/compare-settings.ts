import type { InstanceSettings } from '../../backup/rds-snapshot/instance-settings.ts';

/** One setting in which an instance is not as it was asked for. */
export interface SettingDifference {
  readonly setting: keyof InstanceSettings;
  readonly expected: string;
  readonly found: string;
}

/**
 * Lists what an instance has otherwise than its source, or than the plan wants. RDS replaces what it is not told by its
 * defaults, and raises an engine version that it no longer offers.
 *
 * @param wanted what the plan itself says, in place of the source's
 */
export function compareSettings(
  source: InstanceSettings,
  instance: InstanceSettings,
  wanted: Partial<InstanceSettings>,
): SettingDifference[] {
  const expected = { ...source, ...wanted };
  return (Object.keys(expected) as (keyof InstanceSettings)[]).flatMap((setting) => {
    const [wish, is] = [expected[setting], inWords(instance[setting] ?? null)];
    // Nobody recorded it.
    if (wish === undefined) return [];
    const should = inWords(wish);
    return should === is ? [] : [{ setting, expected: should, found: is }];
  });
}

function inWords(value: string | number | boolean | null): string {
  return value === null ? 'none' : String(value);
}
