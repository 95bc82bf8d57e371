import { expect, test } from 'vitest';
import { definitionOf } from '../../../../../shared/database/postgres/schema/definition.ts';
import { inWordsOf } from '../../../../../shared/database/postgres/schema/for-older-servers.ts';
import { entry } from '../archive/write-archive.ts';

const table = entry({ id: 1, desc: 'TABLE', tag: 'a"b', definition: 'CREATE TABLE t ();\n', relkind: 'r' });

test('a definition is the one of pg_dump where the access method is the usual one', () => {
  expect(definitionOf({ ...table, tableAccessMethod: 'heap' })).toBe(table.definition);
  expect(definitionOf(table)).toBe(table.definition);
});

test('a table is made with its own access method, and the next one with the usual', () => {
  expect(definitionOf({ ...table, tableAccessMethod: 'column"ar' })).toBe(
    'SET default_table_access_method = "column""ar";\nCREATE TABLE t ();\n\nSET default_table_access_method = heap;\n',
  );
});

test('a partitioned table is told which access method its partitions get', () => {
  expect(definitionOf({ ...table, relkind: 'p', tableAccessMethod: 'heap' })).toBe(
    'CREATE TABLE t ();\n\nALTER TABLE ONLY "public"."a""b" SET ACCESS METHOD "heap";\n',
  );
});

test('a sequence of an unlogged table is made in the words of PostgreSQL 14', () => {
  const sequence = entry({
    id: 2,
    desc: 'SEQUENCE',
    tag: 's',
    definition: '(\n    SEQUENCE NAME s\n    LOGGED\n);\n',
  });
  expect(inWordsOf('14.19', sequence).definition).toBe('(\n    SEQUENCE NAME s\n    \n);\n');
  expect(inWordsOf('15.1', sequence)).toBe(sequence);
  const other = { ...sequence, desc: 'FUNCTION' };
  expect(inWordsOf('14.19', other)).toBe(other);
});
