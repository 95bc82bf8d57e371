import { describe, expect, test } from 'vitest';
import type { Entry } from '../../../../../shared/database/postgres/archive/entry.ts';
import { postDataTasks } from '../../../../../shared/database/postgres/schema/post-data-tasks.ts';
import { entry } from '../archive/write-archive.ts';

const table = (id: number, relkind = 'r') =>
  entry({ id, desc: 'TABLE', tag: `t${id}`, section: 'pre-data', relkind });
const [contacts, notes, partitioned] = [table(1), table(2), table(3, 'p')];
const key = entry({ id: 10, desc: 'CONSTRAINT', tag: 'contacts_pkey', dependencies: [1, 1] });
const index = entry({
  id: 11,
  desc: 'INDEX',
  tag: 'contacts_email',
  definition: 'CREATE INDEX a ON b (c);\n',
  dependencies: [1],
});

const touchesOf = (given: Entry, ...others: Entry[]) =>
  postDataTasks([given], [contacts, notes, partitioned, key, index, given, ...others]).map(
    ({ touches }) => touches,
  );

describe('postDataTasks', () => {
  test('lets indexes share their table, and gives a key its table alone', () => {
    expect(touchesOf(index)).toEqual([{ shared: [1] }]);
    expect(touchesOf(key)).toEqual([{ exclusive: [1] }]);
  });

  test('gives a foreign key both tables, one of which it names by its key', () => {
    const foreign = entry({ id: 12, desc: 'FK CONSTRAINT', tag: 'f', dependencies: [2, 10] });
    expect(touchesOf(foreign)).toEqual([{ exclusive: [2, 1] }]);
  });

  test('runs a foreign key of a partitioned table alone, because it reaches the partitions', () => {
    expect(touchesOf(entry({ id: 12, desc: 'FK CONSTRAINT', tag: 'f', dependencies: [3, 10] }))).toEqual([
      'alone',
    ]);
    const unknown = { ...contacts, relkind: null };
    const foreign = entry({ id: 12, desc: 'FK CONSTRAINT', tag: 'f', dependencies: [1] });
    expect(postDataTasks([foreign], [unknown, foreign])[0]?.touches).toBe('alone');
  });

  test('gives the key of a partition no table but its own', () => {
    const ofParent = entry({ id: 13, desc: 'CONSTRAINT', tag: 'p_pkey', dependencies: [3] });
    const ofPartition = entry({ id: 14, desc: 'CONSTRAINT', tag: 'p1_pkey', dependencies: [2, 13] });
    expect(touchesOf(ofPartition, ofParent)).toEqual([{ exclusive: [2] }]);
  });

  test('divides what follows CREATE INDEX from it, because it needs a stronger lock', () => {
    const definition =
      'CREATE INDEX "a;b" ON t (x);\n\nALTER TABLE t CLUSTER ON "a;b";\nALTER TABLE t REPLICA IDENTITY USING INDEX "a;b";\n';
    const comment = entry({
      id: 16,
      desc: 'COMMENT',
      tag: 'INDEX "a;b"',
      section: 'none',
      dependencies: [15],
    });
    const clustered = entry({ id: 15, desc: 'INDEX', tag: 'a;b', definition, dependencies: [1] });
    const tasks = postDataTasks([clustered, comment], [contacts, clustered, comment]);
    expect(tasks.map(({ id, after, touches, sql }) => ({ id, after, touches, sql }))).toEqual([
      { id: '15 created', after: ['1'], touches: { shared: [1] }, sql: 'CREATE INDEX "a;b" ON t (x)' },
      {
        id: '15',
        after: ['15 created'],
        touches: { exclusive: [1] },
        sql: 'ALTER TABLE t CLUSTER ON "a;b";\nALTER TABLE t REPLICA IDENTITY USING INDEX "a;b"',
      },
      { id: '16', after: ['15'], touches: 'alone', sql: comment.definition },
    ]);
  });

  test.each([
    'TRIGGER',
    'RULE',
    'POLICY',
    'INDEX ATTACH',
    'CHECK CONSTRAINT',
    'VIEW',
    'a kind of the future',
  ])('runs %s alone', (desc) => {
    expect(touchesOf(entry({ id: 17, desc, tag: 'x', dependencies: [1] }))).toEqual(['alone']);
  });
});
