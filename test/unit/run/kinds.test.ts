import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { machineIdOf, machineOutputOf } from '../../../shared/run/kind.ts';
import { KINDS, kindOf } from '../../../shared/run/kinds.ts';

/** Every file that a file imports at run time, itself included, and the packages that these import. */
function importedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (?!type )[^;]*?from '([^']+)';/gms,
  ))
    if (from.startsWith('.')) importedBy(path.join(path.dirname(file), from), seen);
    else seen.add(from);
  return seen;
}

describe('the list of kinds', () => {
  test('loads no SDK and no driver, because the CLI and every report of a run import it', () => {
    const imported = [...importedBy('shared/run/kinds.ts')];
    expect(imported).toContain('shared/replay/step-answers.ts');
    expect(imported.filter((each) => !each.endsWith('.ts')).toSorted()).toEqual(
      expect.arrayContaining(['pretty-bytes', 'zod']),
    );
    expect(imported.filter((each) => /aws-sdk|powertools|middy|^pg|redis|smithy/.test(each))).toEqual([]);
  });

  test('has one kind for each name', () => {
    expect(new Set(KINDS.map(({ name }) => name)).size).toBe(KINDS.length);
    for (const kind of KINDS) expect(kindOf(kind.name)).toBe(kind);
  });

  test('says of a name that it does not have which there are', () => {
    expect(() => kindOf('failover')).toThrow(
      '"failover" is not a kind of run; these are: backup, restore-test, verify, restore, replay, rehydrate',
    );
  });

  test('ends every failure in an error of its own', () => {
    const errors = KINDS.flatMap(({ outcomes }) =>
      Object.values(outcomes).flatMap((outcome) => ('fail' in outcome ? [outcome.fail] : [])),
    );
    expect(new Set(errors).size).toBe(errors.length);
  });
});

test('a machine and its output are named after the kind', () => {
  expect(machineIdOf({ name: 'restore-test' })).toBe('RestoreTestMachine');
  expect(machineOutputOf({ name: 'backup' })).toBe('BackupMachineArn');
});
