import { expect, test } from 'vitest';
import { shortNotices } from '../../../shared/restore/short-notices.ts';

test('a few short notices stay as they are', () => {
  expect(shortNotices(['one', 'two'])).toEqual(['one', 'two']);
});

test('many long notices take few bytes, and how many more there are is said', () => {
  const notices = shortNotices(Array.from({ length: 1000 }, (_, n) => `${n} ${'x'.repeat(5000)}`));
  expect(notices).toHaveLength(21);
  expect(notices.at(-1)).toBe('and 980 more');
  expect(JSON.stringify(notices).length).toBeLessThan(8000);
});
