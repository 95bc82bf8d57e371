import { expect, test } from 'vitest';
import { quoted, readable } from '../../../shared/database/identifier.ts';

test.each([
  [{ schema: 'public', name: 'contacts' }, '"public"."contacts"', 'public.contacts'],
  [{ schema: 'Sales "EU"', name: 'a.b' }, '"Sales ""EU"""."a.b"', 'Sales "EU".a.b'],
  [{ schema: '', name: '' }, '"".""', '.'],
])('%j is written %s in SQL and %s for people', (table, sql, words) => {
  expect(quoted(table)).toBe(sql);
  expect(readable(table)).toBe(words);
});
