import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const sources = globSync(['{cli,drills,local,shared,functions}/**/*.{ts,js}'], { cwd: root });

/** The lines of all sources that match, outside of the files that may have them. */
function linesWith(pattern: RegExp, allowed: readonly string[]): string[] {
  return sources
    .filter((file) => !allowed.includes(file))
    .flatMap((file) =>
      readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .filter((line) => pattern.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
}

describe('text from outside reaches a person only when it was made visible', () => {
  test('prints go through the screen, which makes a plain string visible', () => {
    const allowed = [
      'cli/action.ts', // the document of --json
      'local/functions/plan-functions.ts', // the code of a function, which logs
      'cli/lifeboat.js', // before the rest can be loaded
      'cli/plan-init/ask.ts', // an empty line
      'local/rds/serve-account.ts', // into a log of the run
      'cli/commands/completion.ts', // a script made of the program's own words
    ];
    expect(linesWith(/process\.std(out|err)\.write|console\.|writeSync\((1|2)\b/, allowed)).toEqual([
      expect.stringContaining('cli/process-end.ts'), // where a screen may be what broke
    ]);
  });

  test('only frames of tables and literals of the program pass as they are', () => {
    const allowed = ['cli/render/shown.ts', 'cli/render/table.ts'];
    expect(linesWith(/Shown\.own\(/, allowed)).toEqual([]);
    expect(linesWith(/\.painted\(/, ['cli/render/shown.ts', 'cli/render/screen.ts'])).toEqual([]);
    expect(linesWith(/(?<!\.)\bshown\(/, allowed)).toEqual([]);
    expect(linesWith(/\.ansi\b/, [...allowed, 'cli/render/screen.ts'])).toEqual([]);
  });

  test('documents for people and programs are JSON without characters that a terminal obeys', () => {
    expect(
      linesWith(/JSON\.stringify\([^)]*null, 2\)/, ['shared/text/visible.ts', 'shared/plan/json-schema.ts']),
    ).toEqual([]);
  });
});
