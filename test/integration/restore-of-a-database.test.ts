import { Readable } from 'node:stream';
import type { Connection } from 'local-postgres/start-postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBlocks, sealBlocks } from '../../shared/backup/logical/block.ts';
import type { Manifest } from '../../shared/backup/logical/manifest.ts';
import type { DatabaseAccess } from '../../shared/database/access.ts';
import { blame } from '../../shared/database/postgres/blame.ts';
import { connect } from '../../shared/database/postgres/connect.ts';
import { parseDuration } from '../../shared/plan/values/duration.ts';
import type { Validation } from '../../shared/validation/validate-copy.ts';
import type { Vault } from '../../shared/vault/vault.ts';
import {
  aws,
  backupRequest,
  heartbeat,
  load,
  newDatabase,
  restore,
  run,
  scratch,
  scratchRun,
  takeBackup,
  unique,
  validate,
  vault,
} from './support/servers.ts';

describe('a restore', () => {
  async function backedUp(): Promise<{ database: Connection; manifest: Manifest }> {
    const database = await newDatabase();
    await run(
      database,
      `CREATE TABLE contacts (id int PRIMARY KEY, email text); CREATE TABLE notes (id serial, contact int REFERENCES contacts);
       INSERT INTO contacts VALUES (1, 'a@b'), (2, 'c@d'); INSERT INTO notes (contact) VALUES (1), (2)`,
    );
    await heartbeat(database);
    return { database, manifest: await takeBackup(backupRequest(database)) };
  }
  const soundRun = `restore-${unique()}`;
  /** One recovery point, and what a good restore of it leaves: for every test that leaves them as they are. */
  let manifest: Manifest;
  let sound: DatabaseAccess;

  beforeAll(async () => {
    ({ manifest } = await backedUp());
    sound = await scratch.claim(scratchRun(soundRun), manifest.source);
    await load(manifest, sound);
  });
  afterAll(async () => {
    await scratch?.drop(soundRun);
  });

  const failed = ({ checks }: Validation) =>
    checks.filter(({ outcome }) => outcome !== 'passed').map(({ kind, name }) => [kind, name]);

  test('of everything passes every check', async () => {
    const { checks, recoveredTo } = await validate(manifest, sound);
    expect(checks.map(({ outcome }) => outcome)).toEqual(checks.map(() => 'passed'));
    expect(checks.map(({ kind }) => kind)).toEqual([
      'schema',
      'tables',
      'content',
      'content',
      'content',
      'sequences',
      'indexes',
      'freshness',
    ]);
    expect(recoveredTo?.toISOString()).toBe(manifest.heartbeatAt);
  });

  test.each<[string, string, [string, string][]]>([
    [
      'a changed row',
      "UPDATE public.contacts SET email = 'x' WHERE id = 1",
      [['content', 'public.contacts']],
    ],
    ['a lost row', 'DELETE FROM public.notes WHERE id = 1', [['content', 'public.notes']]],
    [
      'a lost table',
      'DROP TABLE public.notes',
      [
        ['schema', 'the schema is the one of the source'],
        ['tables', 'every table came back'],
        ['sequences', 'every sequence stands where it stood'],
      ],
    ],
    [
      'a table that nobody backed up',
      'CREATE TABLE public.extra ()',
      [
        ['schema', 'the schema is the one of the source'],
        ['tables', 'every table came back'],
      ],
    ],
    [
      'a lost index',
      'ALTER TABLE public.notes DROP CONSTRAINT notes_contact_fkey; ALTER TABLE public.contacts DROP CONSTRAINT contacts_pkey',
      [['schema', 'the schema is the one of the source']],
    ],
    [
      'a sequence set back',
      "SELECT setval('public.notes_id_seq', 1)",
      [['sequences', 'every sequence stands where it stood']],
    ],
    [
      'a sequence that was not drawn from',
      "SELECT setval('public.notes_id_seq', 2, false)",
      [['sequences', 'every sequence stands where it stood']],
    ],
    [
      'no heartbeat',
      'DELETE FROM lifeboat.heartbeat',
      [
        ['content', 'lifeboat.heartbeat'],
        ['freshness', 'the newest heartbeat is close to the snapshot'],
      ],
    ],
  ])('with %s is found out', async (_, mutation, expected) => {
    const name = `copy_${unique()}`;
    await run(
      aws.scratch.superuser(),
      `CREATE DATABASE ${name} TEMPLATE ${sound.dbname} OWNER "${sound.username}"`,
    );
    const copy = { ...sound, dbname: name };
    const client = await connect(copy, 'test');
    await client.query(mutation);
    await client.end();
    expect(failed(await validate(manifest, copy))).toEqual(expected);
  });

  test.each([
    ['from before the freshness', -301_000],
    ['from a clock that is ahead', 3_600_000],
  ])('whose heartbeat is %s is found out', async (_, ahead) => {
    const database = await newDatabase();
    await run(database, 'CREATE TABLE contacts ()');
    await heartbeat(database, new Date(Date.now() + ahead));
    const manifest = await takeBackup(backupRequest(database));
    await restore(manifest, async (scratch) => {
      expect(failed(await validate(manifest, scratch))).toEqual([
        ['freshness', 'the newest heartbeat is close to the snapshot'],
      ]);
    });
  });

  test('asks the questions of the plan after what it runs first, and reads only', async () => {
    await restore(manifest, async (scratch) => {
      const { checks } = await validate(manifest, scratch, {
        afterRestore: ["UPDATE public.contacts SET email = 'masked'"],
        checks: [
          {
            name: 'masked',
            sql: "SELECT count(*) FROM contacts WHERE email = 'masked'",
            expect: { equals: 2 },
          },
          { name: 'wrong', sql: 'SELECT count(*) FROM contacts', expect: { atLeast: 3 } },
          { name: 'misspelt', sql: 'SELECT count(*) FROM contcats', expect: { atLeast: 0 } },
          { name: 'writes', sql: 'DELETE FROM contacts RETURNING id', expect: { noRows: true } },
          { name: 'leaves the transaction', sql: 'COMMIT; SELECT 1', expect: { equals: 1 } },
          { name: 'still answers', sql: 'SELECT 1 WHERE false', expect: { noRows: true } },
        ],
        freshness: parseDuration('5m'),
      });
      expect(
        checks.filter(({ kind }) => kind === 'plan').map(({ name, outcome }) => [name, outcome]),
      ).toEqual([
        ['masked', 'passed'],
        ['wrong', 'failed'],
        ['misspelt', 'not-run'],
        ['writes', 'not-run'],
        ['leaves the transaction', 'not-run'],
        ['still answers', 'passed'],
      ]);
      expect(checks.find(({ kind }) => kind === 'content')?.outcome).toBe('passed');
    });
  });

  /** Gives bytes of an object that are not what was written. */
  const altered = (key: (key: string) => boolean, alter: (bytes: Buffer) => Buffer | Error): Vault => ({
    ...vault,
    async open(object) {
      const stream = await vault.open(object);
      if (!key(object.key)) return stream;
      const bytes = alter(Buffer.concat(await stream.toArray()));
      if (bytes instanceof Error)
        return new Readable({
          read() {
            this.destroy(bytes);
          },
        });
      return Readable.from([bytes]);
    },
  });
  const rowsOf = (manifest: Manifest, name: string) => (key: string) =>
    manifest.tables.some((table) => table.name === name && table.parts.some((part) => part.key === key));

  async function loadFrom(from: Vault, manifest: Manifest): Promise<unknown> {
    const run = scratchRun();
    try {
      return await load(manifest, await scratch.claim(run, manifest.source), from).catch(
        (error: unknown) => error,
      );
    } finally {
      await scratch.drop(run.runId);
    }
  }

  test.each<[string, string, (bytes: Buffer) => Buffer | Error]>([
    [
      'a flipped bit',
      'RecoveryPointDamaged',
      (bytes) => Buffer.from(bytes.with(-70, (bytes.at(-70) ?? 0) ^ 1)),
    ],
    ['its end cut off', 'RecoveryPointDamaged', (bytes) => bytes.subarray(0, -57)],
    ['a byte more', 'RecoveryPointDamaged', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
    ['nothing in it', 'RecoveryPointDamaged', () => Buffer.alloc(0)],
    ['a connection that breaks', 'Error', () => new Error('aborted')],
  ])('of an object with %s fails as %s', async (_, name, alter) => {
    for (const key of [rowsOf(manifest, 'contacts'), (each: string) => each.includes('schema/schema.dump')])
      expect(await loadFrom(altered(key, alter), manifest)).toMatchObject({ name });
  });

  test('of rows that were changed and sealed again fails as damage', async () => {
    const part = manifest.tables.find(({ name }) => name === 'contacts')?.parts[0];
    if (!part) throw new Error('contacts has a part');
    const place = { recoveryPoint: manifest.recoveryPoint, content: 'public.contacts', part: 0 };
    const raw = Buffer.concat(await Array.fromAsync(openBlocks(await vault.open(part), place)));
    const changed = Buffer.from(raw.toString('latin1').replace('a@b', 'x@b'), 'latin1');
    const forged = Buffer.concat(await Array.fromAsync(sealBlocks(Readable.from([changed]), place)));
    expect(
      await loadFrom(
        altered(rowsOf(manifest, 'contacts'), () => forged),
        manifest,
      ),
    ).toMatchObject({
      name: 'RecoveryPointDamaged',
      message: expect.stringMatching(/is not the object that was written: its sha256 differs$/),
    });
  });

  test("of rows that two objects hold in each other's place fails as damage", async () => {
    const database = await newDatabase();
    await run(
      database,
      'CREATE TABLE "a.b" (n int); CREATE SCHEMA a; CREATE SCHEMA "public.a"; CREATE TABLE "public.a".b (n int)',
    );
    await run(database, 'INSERT INTO "a.b" VALUES (1); INSERT INTO "public.a".b VALUES (2)');
    const manifest = await takeBackup(backupRequest(database));
    const [first, second] = manifest.tables;
    if (!first || !second) throw new Error('two tables were expected');
    const swapped: Manifest = {
      ...manifest,
      tables: [
        { ...first, parts: second.parts },
        { ...second, parts: first.parts },
      ],
    };
    expect(await loadFrom(vault, swapped)).toMatchObject({ name: 'RecoveryPointDamaged' });
  });

  test('that the scratch server cannot hold is not blamed on the backup', async () => {
    const { database, manifest } = await backedUp();
    const older = { ...manifest, source: { ...manifest.source, serverVersion: 170000 } };
    expect(await loadFrom(vault, older)).toMatchObject({ name: 'ScratchUnsuitable' });
    // Roles are of a server, not of a database, and a policy names one.
    const auditor = await aws.source.createRole({ name: `auditor_${unique()}`, createDatabases: false });
    await run(database, `CREATE POLICY theirs ON contacts TO "${auditor.user}" USING (true)`);
    const error = await loadFrom(vault, await takeBackup(backupRequest(database)));
    expect(error).toMatchObject({
      name: 'ScratchUnsuitable',
      message: `the schema names roles that the scratch server lacks: ${auditor.user}`,
    });
    const missing = await run(database, 'CREATE EXTENSION is_not_there').catch((reason: unknown) => reason);
    expect(missing).toMatchObject({ code: '0A000' });
    expect(blame(missing)).toMatchObject({ suspect: 'scratch server' });
  });

  test('whose rows break the schema is blamed on the backup', async () => {
    const twice: Manifest = {
      ...manifest,
      tables: manifest.tables.map((table) =>
        table.name === 'contacts' ? { ...table, parts: [...table.parts, ...table.parts] } : table,
      ),
    };
    expect(await loadFrom(vault, twice)).toMatchObject({
      name: 'RecoveryPointDamaged',
      message: expect.stringMatching(/could not create unique index "contacts_pkey"/),
    });
  });
});
