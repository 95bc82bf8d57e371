import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fieldCases } from '../cases/list.ts';

test('each case from the field is tried by one test', () => {
  const tried = globSync('test/**/*.test.ts').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bfieldCase\(\s*'([A-Z]\d+)'/g)].map(([, id = '']) => id),
  );
  expect(tried.toSorted()).toEqual(Object.keys(fieldCases).sort());
});
