import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** What still speaks SQL of PostgreSQL by itself: it sends the plan's own queries. */
const NOT_YET_BEHIND_THE_PORT = [
  'shared/rehydration/answer.ts',
  'shared/rehydration/rehydrate.ts',
  'shared/replay/worker/already-applied.ts',
];

const files = globSync('{shared,functions,resources}/**/*.ts').filter(
  (file) => !file.startsWith('shared/database/'),
);
const importing = (pattern: RegExp) =>
  files.filter((file) => pattern.test(readFileSync(file, 'utf8'))).sort();

test('only the PostgreSQL engine knows its driver', () => {
  expect(importing(/from '(?:pg|pg-copy-streams)'|from '[^']*\/database\/postgres\//)).toEqual(
    NOT_YET_BEHIND_THE_PORT,
  );
});

test('restoring and validating do not know each other, so that a failover can do each alone', () => {
  const between = (folder: string, other: string) =>
    importing(new RegExp(`from '[^']*/${other}/`)).filter((file) => file.startsWith(`shared/${folder}/`));
  expect(between('restore', 'validation')).toEqual([]);
  expect(between('validation', 'restore')).toEqual([]);
});
