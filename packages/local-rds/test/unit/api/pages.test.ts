import { expect, test } from 'vitest';
import { filtered } from '../../../api/filters.ts';
import { page } from '../../../api/pages.ts';

const names = Array.from({ length: 45 }, (_, index) => `name-${String(index).padStart(2, '0')}`);
const key = (name: string) => name;

test('pages hold every item once, in order, and the last has no marker', () => {
  const seen: string[] = [];
  let Marker: string | undefined;
  const sizes: number[] = [];
  do {
    const found = page(names, key, { MaxRecords: 20, Marker });
    seen.push(...found.items);
    sizes.push(found.items.length);
    ({ Marker } = found);
  } while (Marker !== undefined);
  expect(seen).toEqual(names);
  expect(sizes).toEqual([20, 20, 5]);
});

test('what is deleted between two pages hides nothing, what is added before repeats nothing', () => {
  const first = page(names, key, { MaxRecords: 20 });
  const changed = ['name-00-new', ...names.slice(1, 19), ...names.slice(20)].sort();
  const second = page(changed, key, { MaxRecords: 20, Marker: first.Marker });
  expect(second.items).toEqual(names.slice(20, 40));
});

test('a full page that is the last has no marker', () => {
  expect(page(names.slice(0, 20), key, { MaxRecords: 20 })).toEqual({ items: names.slice(0, 20) });
});

test.each([[{ MaxRecords: 19 }], [{ MaxRecords: 101 }], [{ Marker: 'made-up' }], [{ Marker: '' }]])(
  '%j is refused',
  (wanted) => {
    expect(() => page(names, key, wanted)).toThrow(
      expect.objectContaining({ fault: 'InvalidParameterValue' }),
    );
  },
);

test('filters: every one holds, by any of its values, in any case', () => {
  const items = [
    { name: 'a', engine: 'postgres' },
    { name: 'b', engine: 'postgres' },
    { name: 'c', engine: undefined },
  ];
  const known = {
    name: (item: (typeof items)[number]) => [item.name],
    engine: (item: (typeof items)[number]) => [item.engine],
  };
  const names = (filters: { Name: string; Values: string[] }[]) =>
    filtered(items, filters, known).map(({ name }) => name);
  expect(names([{ Name: 'name', Values: ['A', 'c'] }])).toEqual(['a', 'c']);
  expect(
    names([
      { Name: 'name', Values: ['a', 'c'] },
      { Name: 'engine', Values: ['postgres'] },
    ]),
  ).toEqual(['a']);
  expect(filtered(items, undefined, known)).toEqual(items);
  for (const filter of [
    { Name: 'toString', Values: ['a'] },
    { Name: 'name', Values: [] },
  ])
    expect(() => names([filter])).toThrow(expect.objectContaining({ fault: 'InvalidParameterValue' }));
});
