import { expect, test } from 'vitest';
import { notCarried } from '../../../../../shared/database/postgres/schema/not-carried.ts';
import { entry } from '../archive/write-archive.ts';

const none = { subscriptions: [], unfinishedIndexes: [] };
const table = entry({ id: 1, desc: 'TABLE', tag: 't', owner: 'app' });
const acl = (tag: string) => entry({ id: 2, desc: 'ACL', tag, owner: 'app' });

test('nothing is named of a database with one owner and no grants', () => {
  expect(notCarried([table], none)).toEqual([]);
});

test('owner and grants of schema public are those of a new database', () => {
  const schema = entry({ id: 3, desc: 'SCHEMA', tag: 'public', namespace: null, owner: 'rdsadmin' });
  const database = entry({ id: 4, desc: 'DATABASE', tag: 'app', namespace: null, owner: 'postgres' });
  expect(notCarried([table, schema, database, acl('SCHEMA public')], none)).toEqual([]);
});

test('grants are counted, owners, tablespaces, subscriptions and indexes are named', () => {
  const entries = [
    { ...table, tablespace: 'fast' },
    { ...table, owner: 'reporting' },
    acl('TABLE t'),
    acl('COLUMN t.a'),
    entry({ id: 5, desc: 'DEFAULT ACL', tag: 'DEFAULT PRIVILEGES FOR TABLES' }),
    entry({ id: 6, desc: 'DATABASE PROPERTIES', tag: 'app' }),
  ];
  expect(notCarried(entries, { subscriptions: ['feed'], unfinishedIndexes: ['public.i'] })).toEqual([
    'grants on 2 objects',
    'one set of default privileges',
    'owners (app, reporting)',
    'tablespaces (fast)',
    'settings of the database',
    'subscription feed',
    'index public.i, which is invalid in the source',
  ]);
});
