import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { postgresRelease } from 'local-postgres/release';
import { afterAll, beforeAll, expect } from 'vitest';
import { writeManifest } from '../../../shared/backup/logical/manifest.ts';
import { fieldCase } from '../field-case.ts';
import { runEach, useServers } from './servers.ts';

const servers = useServers();
const run = promisify(execFile);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'restore-by-hand-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The commands of step 2 and 3, as the page has them. The page's step 1 copies objects from S3. */
async function documentedCommands(): Promise<string> {
  const page = await readFile('docs/restore-by-hand.md', 'utf8');
  const [, unpacking, loading] = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, text = '']) => text);
  return `set -e\n${unpacking}\n${loading}`;
}

const CONTENT = `
  SELECT (SELECT count(*) || ':' || md5(string_agg(c::text, ',' ORDER BY id)) FROM contacts c) AS contacts,
    (SELECT encode(lo_get(4711), 'escape')) AS object, obj_description(4711, 'pg_largeobject') AS comment,
    (SELECT last_value::text FROM contacts_id_seq) AS sequence,
    (SELECT count(*)::text FROM pg_indexes WHERE tablename = 'contacts') AS indexes,
    (SELECT string_agg(polname || ' ' || polroles::regrole[]::text, ',') FROM pg_policy) AS policies`;

fieldCase(
  'B7',
  async (now) => {
    const source = await servers.newDatabase();
    const reader = await servers.source.createRole({ name: `${source.user}_reader`, createDatabases: false });
    await runEach(source, [
      'CREATE TABLE contacts (id serial PRIMARY KEY, email text, note bytea, at timestamptz DEFAULT now())',
      "INSERT INTO contacts (email, note) SELECT n || '@example.org', decode(md5(n::text), 'hex') FROM generate_series(1, 5000) n",
      'CREATE UNIQUE INDEX ON contacts (email)',
      `CREATE POLICY theirs ON contacts TO "${reader.user}" USING (true)`,
      "SELECT lo_from_bytea(4711, 'a large object')",
      "COMMENT ON LARGE OBJECT 4711 IS 'it''s kept'",
      'CREATE TABLE "odd ""name" ("a b" text)',
      `INSERT INTO "odd ""name" VALUES (E'tab\\t and \\\\')`,
    ]);
    const manifest = await servers.takeBackup(source);

    const objects = path.join(folder, 'objects');
    const stored = [manifest.schema.archive, ...manifest.tables.flatMap(({ parts }) => parts)];
    for (const { key } of stored) {
      await mkdir(path.dirname(path.join(objects, key)), { recursive: true });
      await writeFile(path.join(objects, key), await servers.vault.read(key));
    }
    await writeFile(path.join(folder, 'manifest.json'), writeManifest(manifest));
    await writeFile(
      path.join(folder, 'unpack-recovery-point.mjs'),
      await readFile('docs/unpack-recovery-point.mjs'),
    );
    await writeFile(path.join(folder, 'ca.pem'), servers.scratchLogin.ssl.ca);

    const { host, port, user, password } = servers.scratch.superuser();
    await run('bash', ['-c', await documentedCommands()], {
      cwd: folder,
      env: {
        PATH: `${path.join(await postgresRelease(18), 'bin')}:${process.env.PATH}`,
        PGHOST: host,
        PGPORT: String(port),
        PGUSER: user,
        PGPASSWORD: password,
        PGDATABASE: 'postgres',
        PGSSLMODE: 'verify-ca',
        PGSSLROOTCERT: path.join(folder, 'ca.pem'),
      },
    });

    const restored = servers.scratch.superuser('shop_restored');
    expect(await runEach(restored, [CONTENT])).toEqual(
      await runEach(servers.source.superuser(source.database), [CONTENT]),
    );
    expect(await runEach(restored, ['SELECT "a b" FROM "odd ""name"'])).toEqual([{ 'a b': 'tab\t and \\' }]);
    const advice = await readFile('state-machines/README.md', 'utf8');
    expect(advice).not.toContain('# in a real loss');
    expect(advice).toContain('**It always drops the copy.**');
    now('the advice is gone; restored by hand, by the page, and equal');
  },
  { timeoutMs: 120_000 },
);
