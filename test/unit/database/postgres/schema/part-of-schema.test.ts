import { describe, expect, test } from 'vitest';
import { readArchive } from '../../../../../shared/database/postgres/archive/read-archive.ts';
import { partOfSchema } from '../../../../../shared/database/postgres/schema/part-of-schema.ts';
import { parsePartName } from '../../../../../shared/database/schema-part.ts';
import { entry, writeArchive } from '../archive/write-archive.ts';

const archive = writeArchive([
  entry({ id: 1, desc: 'ENCODING', tag: 'ENCODING', namespace: null }),
  entry({ id: 2, desc: 'SCHEMA', tag: 'sales', namespace: null, section: 'pre-data' }),
  entry({ id: 3, desc: 'TABLE', tag: 'customers', section: 'pre-data' }),
  entry({ id: 4, desc: 'TABLE', tag: 'orders', namespace: 'sales', section: 'pre-data', dependencies: [2] }),
  entry({ id: 5, desc: 'TABLE', tag: 'lines', namespace: 'sales', section: 'pre-data', dependencies: [2] }),
  entry({
    id: 6,
    desc: 'FUNCTION',
    tag: 'normal(text)',
    namespace: 'sales',
    section: 'pre-data',
    dependencies: [2],
  }),
  entry({ id: 7, desc: 'INDEX', tag: 'orders_by_mail', namespace: 'sales', dependencies: [4, 6] }),
  entry({ id: 8, desc: 'INDEX', tag: 'customers_by_mail', dependencies: [3, 6] }),
  entry({ id: 9, desc: 'FK CONSTRAINT', tag: 'orders customer', namespace: 'sales', dependencies: [4, 3] }),
  entry({ id: 10, desc: 'FK CONSTRAINT', tag: 'lines order', namespace: 'sales', dependencies: [5, 4] }),
]);
const part = (...only: string[]) => partOfSchema(archive, only.map(parsePartName));
const idsOf = (bytes: Buffer) => readArchive(bytes).entries.map(({ id }) => id);

describe('a part of a schema', () => {
  test('is an archive with the entries that it needs, as they were', () => {
    const { archive: of, leftOut, added } = part('sales.orders');
    expect(idsOf(of)).toEqual([1, 2, 4, 6, 7]);
    const whole = readArchive(archive);
    expect(readArchive(of)).toEqual({
      ...whole,
      entries: whole.entries.filter(({ id }) => [1, 2, 4, 6, 7].includes(id)),
    });
    expect(leftOut).toEqual(['FK CONSTRAINT sales.orders customer, because it needs TABLE public.customers']);
    expect(added).toEqual([]);
  });

  test('says nothing of what belongs to other tables, though it needs this one', () => {
    expect(idsOf(part('public.customers').archive)).toEqual([1, 2, 3, 6, 8]);
    expect(part('public.customers').leftOut).toEqual([]);
  });

  test('of everything is the whole', () => {
    expect(part('sales', 'public').archive).toEqual(archive);
  });

  test.each([
    ['sales.order', 'no table or view sales.order; did you mean sales.orders?'],
    ['public.Customers', 'no table or view public."Customers"; did you mean public.customers?'],
    ['public.orders', 'no table or view public.orders; did you mean sales.orders?'],
    ['customers', 'no schema customers; did you mean public.customers?'],
    ['sale', 'no schema sale; did you mean sales?'],
    ['public.nothing_like_it', 'it has 3 tables and views in the schemas public, sales'],
    ['nothing_like_it', 'it has: public, sales'],
    ['a.b.c', '"a.b.c" names neither a table nor a schema'],
    ['', '"" names neither a table nor a schema'],
  ])('is not found by the name %j', (name, message) => {
    expect(() => part(name)).toThrow(message);
  });
});

test.each([
  ['public', { schema: 'public', name: null }],
  ['public.Users', { schema: 'public', name: 'Users' }],
  ['"My.Schema"."a ""b"" c"', { schema: 'My.Schema', name: 'a "b" c' }],
  ['größe.tabelle', { schema: 'größe', name: 'tabelle' }],
])('%s is read as it is stored', (text, name) => {
  expect(parsePartName(text)).toEqual(name);
});
