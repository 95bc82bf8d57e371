import { expect, test } from 'vitest';
import { quoted } from '../../../../shared/database/postgres/identifier.ts';
import { readable } from '../../../../shared/database/table.ts';

test.each([
  [{ schema: 'public', name: 'contacts' }, '"public"."contacts"', 'public.contacts'],
  [{ schema: 'Sales "EU"', name: 'a.b' }, '"Sales ""EU"""."a.b"', '"Sales ""EU"""."a.b"'],
])('%j is written %s in SQL and %s for people', (table, sql, words) => {
  expect(quoted(table)).toBe(sql);
  expect(readable(table)).toBe(words);
});

test('two tables that dots would confuse have two names for people', () => {
  const dotted = readable({ schema: 'public', name: 'a.b' });
  expect(dotted).not.toBe(readable({ schema: 'public.a', name: 'b' }));
});
