import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../../../shared/database/postgres/archive/entry.ts';
import { compareSchemas } from '../../../../../shared/database/postgres/schema/compare-schemas.ts';
import { entry, writeArchive } from '../archive/write-archive.ts';

const pkey = entry({
  id: 10,
  desc: 'CONSTRAINT',
  tag: 'contacts contacts_pkey',
  definition: 'ADD PRIMARY KEY (id);',
});
const index = entry({ id: 11, desc: 'INDEX', tag: 'contacts_email' });
const trigger = entry({ id: 12, desc: 'TRIGGER', tag: 'contacts touch' });
const eventTrigger = entry({ id: 13, desc: 'EVENT TRIGGER', tag: 'audit', namespace: null });

const compare = (stored: readonly Entry[], restored: readonly Entry[]) =>
  compareSchemas(writeArchive(stored), writeArchive(restored));
const same = { differences: [], leftOut: [] };

describe('compareSchemas', () => {
  test('names what is missing, added or different', () => {
    expect(compare([pkey, index], [{ ...pkey, definition: 'ADD PRIMARY KEY (email);' }, trigger])).toEqual({
      differences: [
        'CONSTRAINT public.contacts contacts_pkey',
        'INDEX public.contacts_email',
        'TRIGGER public.contacts touch',
      ],
      leftOut: [],
    });
  });

  test('finds no difference in order, numbers, owners and dependencies', () => {
    const renumbered = { ...pkey, id: 99, owner: 'restore_tests', dependencies: [3] };
    expect(compare([pkey, index], [index, renumbered])).toEqual(same);
  });

  test('names ten of many, and how many more', () => {
    const many = Array.from({ length: 13 }, (_, n) => entry({ id: n + 1, desc: 'INDEX', tag: `i${n}` }));
    const { differences } = compare([], many);
    expect(differences).toHaveLength(11);
    expect(differences.at(-1)).toBe('3 more');
  });

  test('tells entries apart that share a title, as operators do', () => {
    const [one, other] = ['(int, int)', '(text, text)'].map((definition, n) =>
      entry({ id: n + 1, desc: 'OPERATOR', tag: '<', definition }),
    ) as [Entry, Entry];
    expect(compare([one, other], [other, one])).toEqual(same);
    expect(compare([one, other], [one, one]).differences).toEqual(['OPERATOR public.<']);
    expect(compare([one, other], [one]).differences).toEqual(['OPERATOR public.<']);
  });

  test.each([
    [
      'of a column',
      'id integer CONSTRAINT job_id_not_null NOT NULL',
      'id integer CONSTRAINT job_id_not_null1 NOT NULL',
    ],
    [
      'of none that is written',
      'id integer DEFAULT 1 NOT NULL',
      'id integer DEFAULT 1 CONSTRAINT "Job_id_not_null" NOT NULL',
    ],
    [
      'of a constraint',
      'CONSTRAINT a_not_null NOT NULL a NO INHERIT',
      'CONSTRAINT a_not_null2 NOT NULL a NO INHERIT',
    ],
  ])('finds no difference in the name that PostgreSQL chose for NOT NULL: %s', (_, stored, restored) => {
    const table = (item: string) =>
      entry({
        id: 1,
        desc: 'TABLE',
        tag: 't',
        definition: `CREATE TABLE public.t (\n    ${item},\n    b text\n);\n`,
      });
    expect(compare([table(stored)], [table(restored)])).toEqual(same);
  });

  test.each([
    ['a name that an application gave', 'a int CONSTRAINT there NOT NULL', 'a int CONSTRAINT here NOT NULL'],
    ['a lost NOT NULL', 'a int CONSTRAINT t_a_not_null NOT NULL', 'a int'],
    [
      'a default that looks like one',
      "a text DEFAULT 'CONSTRAINT x_not_null NOT NULL'",
      "a text DEFAULT 'NOT NULL'",
    ],
  ])('finds %s', (_, stored, restored) => {
    const table = (item: string) =>
      entry({ id: 1, desc: 'TABLE', tag: 't', definition: `CREATE TABLE public.t (\n    ${item}\n);\n` });
    expect(compare([table(stored)], [table(restored)]).differences).toEqual(['TABLE public.t']);
  });

  test('finds another access method', () => {
    const table = entry({ id: 1, desc: 'TABLE', tag: 't', tableAccessMethod: 'heap' });
    expect(compare([table], [{ ...table, tableAccessMethod: 'columnar' }]).differences).toEqual([
      'TABLE public.t',
    ]);
  });

  test.each<[string, Partial<Entry> & Pick<Entry, 'desc' | 'tag'>]>([
    ['schema public, which every database has', { desc: 'SCHEMA', tag: 'public', namespace: null }],
    [
      'a missing comment on it',
      {
        desc: 'COMMENT',
        tag: 'SCHEMA public',
        namespace: null,
        definition: "COMMENT ON SCHEMA public IS '';\n",
      },
    ],
    ['the database itself', { desc: 'DATABASE', tag: 'app', namespace: null }],
    ['its settings', { desc: 'DATABASE PROPERTIES', tag: 'app', namespace: null }],
    ['a grant', { desc: 'ACL', tag: 'TABLE t' }],
    ['a default privilege', { desc: 'DEFAULT ACL', tag: 'DEFAULT PRIVILEGES FOR TABLES' }],
    ['a subscription', { desc: 'SUBSCRIPTION', tag: 'feed', namespace: null }],
  ])('does not count %s', (_, surrounding) => {
    expect(compare([pkey, entry({ id: 1, ...surrounding })], [pkey])).toEqual(same);
    expect(compare([pkey], [pkey, entry({ id: 1, ...surrounding })])).toEqual(same);
  });

  test('does not count the comment on the database, which is the scratch mark', () => {
    const database = entry({ id: 1, desc: 'DATABASE', tag: 'app', namespace: null });
    const comment = entry({
      id: 2,
      desc: 'COMMENT',
      tag: 'DATABASE app',
      namespace: null,
      dependencies: [1],
    });
    expect(compare([pkey], [database, comment, pkey])).toEqual(same);
  });

  test('counts what depends on schema public', () => {
    const schema = entry({ id: 1, desc: 'SCHEMA', tag: 'public', namespace: null });
    expect(compare([schema, { ...pkey, dependencies: [1] }], []).differences).toHaveLength(1);
  });

  test('lists what the server did not allow, with what is said about it', () => {
    const comment = entry({
      id: 14,
      desc: 'COMMENT',
      tag: 'EVENT TRIGGER audit',
      namespace: null,
      dependencies: [13],
    });
    const label = entry({ id: 15, desc: 'SECURITY LABEL', tag: 'TABLE t' });
    expect(compare([pkey, eventTrigger, comment, label], [pkey])).toEqual({
      differences: [],
      leftOut: ['EVENT TRIGGER audit', 'COMMENT EVENT TRIGGER audit', 'SECURITY LABEL public.TABLE t'],
    });
  });

  test('finds what a server allows to be different or more', () => {
    expect(compare([eventTrigger], [{ ...eventTrigger, definition: 'other' }]).differences).toHaveLength(1);
    expect(compare([], [eventTrigger]).differences).toHaveLength(1);
  });

  describe('of a table that inherits', () => {
    const inheriting = (columns: string, ...alterations: string[]) =>
      entry({
        id: 1,
        desc: 'TABLE',
        tag: 'c',
        definition: [
          `CREATE TABLE public.c (\n    ${columns}\n)\nINHERITS (public.p)`,
          ...alterations,
          '',
        ].join(';\n'),
      });
    const a = 'ALTER TABLE ONLY public.c ALTER COLUMN a SET STATISTICS 1';
    const b = 'ALTER TABLE ONLY public.c ALTER COLUMN b SET STATISTICS 2';

    test('does not count the order of columns', () => {
      const stored = inheriting("b text DEFAULT 'x,y',\n    a numeric(10,2)", b, a);
      const restored = inheriting("a numeric(10,2),\n    b text DEFAULT 'x,y'", a, b);
      expect(compare([stored], [restored])).toEqual(same);
    });

    test('counts everything else', () => {
      const stored = inheriting('a int,\n    b text', a);
      for (const other of [
        inheriting('a int,\n    b int', a),
        inheriting('a int', a),
        inheriting('a int,\n    b text', b),
        { ...stored, definition: stored.definition.replace('public.p', 'public.q') },
        { ...stored, definition: stored.definition.replace('\nINHERITS (public.p)', '') },
      ])
        expect(compare([stored], [other]).differences).toEqual(['TABLE public.c']);
    });

    test('counts the order of columns where nothing is inherited', () => {
      const plain = (columns: string) =>
        entry({
          id: 1,
          desc: 'TABLE',
          tag: 't',
          definition: `CREATE TABLE public.t (\n    ${columns}\n);\n`,
        });
      expect(compare([plain('a int,\n    b int')], [plain('b int,\n    a int')]).differences).toHaveLength(1);
    });
  });
});
