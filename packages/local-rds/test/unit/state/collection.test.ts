import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Collection, type Stored } from '../../../state/collection.ts';

interface Thing extends Stored {
  readonly at: Date;
  readonly tags?: readonly string[];
}

const scope = { account: '123456789012', region: 'eu-west-1' };
const at = new Date('2026-03-01T12:34:56.789Z');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'collection-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => new Collection<Thing>(folder);

test('what was put is there after a restart, times as times', () => {
  open().put({ ...scope, name: 'rds:mydb-2026', at, tags: ['{"$date":"no"}'] });
  expect(open().all()).toEqual([{ ...scope, name: 'rds:mydb-2026', at, tags: ['{"$date":"no"}'] }]);
});

test('what was deleted is gone, and deleting it again does nothing', () => {
  const things = open();
  const thing = things.put({ ...scope, name: 'a', at });
  things.delete(thing);
  things.delete(thing);
  expect(things.get(scope, 'a')).toBeUndefined();
  expect(open().all()).toEqual([]);
});

test('names of 255 characters, and such as file systems confuse, are kept apart', () => {
  const names = ['a'.repeat(255), `${'a'.repeat(254)}b`, 'rds:x', 'rds_x', '..', 'default.postgres18'];
  const things = open();
  for (const name of names) things.put({ ...scope, name, at });
  things.put({ ...scope, region: 'eu-central-1', name: 'rds:x', at });
  expect(
    open()
      .list(scope)
      .map(({ name }) => name),
  ).toEqual([...names].sort());
});

test('a file that a killed program was writing is forgotten', () => {
  open().put({ ...scope, name: 'a', at });
  const [file = ''] = readdirSync(folder);
  writeFileSync(path.join(folder, `${file}.writing`), '{"half');
  expect(open().all()).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([file]);
});

test('a file that is no JSON stops the start, by its name', () => {
  open().put({ ...scope, name: 'a', at });
  const file = path.join(folder, readdirSync(folder)[0] ?? '');
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20));
  expect(open).toThrow(
    expect.objectContaining({ name: 'StateDamaged', message: expect.stringContaining(file) }),
  );
});
