import type { Connection } from 'local-postgres/access';
import { describe, expect, test } from 'vitest';
import { storageChecks } from '../../../shared/database/postgres/storage/storage-checks.ts';
import { checkStructure } from '../../../shared/validation/check-storage.ts';
import { accessOf, runEach, useServers } from './servers.ts';

/* Looks into the storage of real servers with other rights than RDS gives its master user. */

const servers = useServers();
const inspect = <T>(as: Connection, work: Parameters<typeof storageChecks.inspect<T>>[2]) =>
  storageChecks.inspect(accessOf(as), { connections: 2, signal: new AbortController().signal }, work);
const structureOf = (as: Connection, hasTime = () => true) =>
  inspect(as, (copy) => copy.checkStructure(hasTime));

/** An index on what a function made of a column, which makes something else of it now. */
const FOLDED = [
  'CREATE FUNCTION folded(text) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT pg_catalog.lower($1) $$',
  'CREATE TABLE customers (name text)',
  "INSERT INTO customers VALUES ('Ada'), ('Grace')",
  'CREATE INDEX customers_folded ON customers (folded(name))',
  // As when a library folds or sorts otherwise after an upgrade.
  'CREATE OR REPLACE FUNCTION folded(text) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT pg_catalog.upper($1) $$',
];

describe('amcheck', () => {
  test('finds an index that lacks rows of its table, and names the table', async () => {
    const database = await servers.newDatabase();
    await runEach(database, FOLDED);
    const found = await structureOf(servers.source.superuser(database.database));
    expect(found.faults).toEqual([
      {
        table: 'public.customers',
        reason: expect.stringMatching(/lacks matching index tuple within index "customers_folded"/),
      },
    ]);
    expect(checkStructure(found)).toMatchObject([
      { kind: 'structure', name: 'public.customers', outcome: 'failed' },
    ]);
  });

  test('finds nothing where everything is in order', async () => {
    const database = await servers.newDatabase();
    await runEach(database, FOLDED.slice(0, -1));
    const found = await structureOf(servers.source.superuser(database.database));
    expect(found).toEqual({ faults: [], unchecked: [] });
    expect(checkStructure(found)).toMatchObject([{ outcome: 'passed' }]);
  });

  test('that the login may not create, or has no time for, is named as not checked', async () => {
    const database = await servers.newDatabase();
    await runEach(database, FOLDED);
    const refused = await structureOf(database);
    expect(refused).toEqual({ faults: [], unchecked: ['the extension amcheck cannot be created'] });
    expect(checkStructure(refused)).toMatchObject([{ kind: 'coverage', outcome: 'left-out' }]);
    const late = await structureOf(servers.source.superuser(database.database), () => false);
    expect(late.faults).toEqual([]);
    expect(late.unchecked).toEqual([expect.stringMatching(/: there was no time left$/)]);
  });

  test('that was created before, and may not be called, is named as not checked', async () => {
    const database = await servers.newDatabase();
    await runEach(database, FOLDED);
    await runEach(servers.source.superuser(database.database), ['CREATE EXTENSION amcheck']);
    expect(await structureOf(database)).toEqual({
      faults: [],
      unchecked: expect.arrayContaining([expect.stringContaining('permission denied for function')]),
    });
  });
});

describe('without pg_prewarm', () => {
  test('rows are read, in each table once, and it is named what that leaves out', async () => {
    const database = await servers.newDatabase();
    await runEach(database, FOLDED);
    const read = await inspect(database, (copy) => copy.readBlocks(null, () => true));
    expect(read).toMatchObject({ damaged: [], next: null });
    expect(read.unread).toEqual(['indexes and sequences: the extension pg_prewarm cannot be created']);
    const whole = await inspect(servers.source.superuser(database.database), (copy) =>
      copy.readBlocks(null, () => true),
    );
    expect(whole.unread).toEqual([]);
    expect(whole.bytes).toBeGreaterThan(read.bytes);
  });
});
