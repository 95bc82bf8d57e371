import { expect, test } from 'vitest';
import { ORDINARY_ROWS, type RowRules } from '../../../shared/database/table.ts';
import { asPgDump, loadOrder } from '../../../shared/restore/load-order.ts';

const table = (name: string, loaded: RowRules['loaded'], schema = 'public') => ({
  ...ORDINARY_ROWS,
  schema,
  name,
  loaded,
});
const names = (tables: readonly { readonly name: string }[]) => tables.map(({ name }) => name);

test('tables of extensions come first, and tables that call functions last, both by name', () => {
  const order = loadOrder([
    table('big', 'together'),
    table('checked', 'last'),
    table('spatial', 'first'),
    table('small', 'together'),
    table('also_checked', 'last'),
    table('jobs', 'first', 'cron'),
  ]);
  expect(names(order.first)).toEqual(['jobs', 'spatial']);
  expect(names(order.together)).toEqual(['big', 'small']);
  expect(names(order.last)).toEqual(['also_checked', 'checked']);
});

test('names are compared byte by byte, the schema first', () => {
  const tables = [
    table('b', 'last'),
    table('B', 'last'),
    table('a', 'last', 'z'),
    table('é', 'last'),
    table('~', 'last'),
  ];
  expect(names([...tables].sort(asPgDump))).toEqual(['B', 'b', '~', 'é', 'a']);
});
