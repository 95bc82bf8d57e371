import { readFileSync } from 'node:fs';
import type { Connection } from 'local-postgres/access';
import { describe, expect, test } from 'vitest';
import { runEach, useServers } from '../databases/servers.ts';

/** The statements of docs/deploy.md, as a person copies them: for database `shop`, whose objects belong to `shop_owner`. */
const roles =
  readFileSync('docs/deploy.md', 'utf8').split('## 3. Roles in the databases')[1]?.split('\n## ')[0] ?? '';
const [sourceRole = [], largeObjects = [], scratchRole = []] = [...roles.matchAll(/```sql\n(.*?)```/gs)].map(
  ([, block = '']) => block.split(/;.*\n/).filter((statement) => statement.trim() !== ''),
);

test('the document has statements for the source, for large objects and for the scratch server', () => {
  expect(sourceRole[0]).toMatch(/^CREATE ROLE lifeboat /);
  expect(largeObjects).toEqual([expect.stringMatching(/^GRANT /)]);
  expect(scratchRole[0]).toMatch(/^CREATE ROLE lifeboat_scratch /);
});

describe.each([14, 15, 16, 17, 18] as const)('on PostgreSQL %i the documented roles suffice', (major) => {
  const servers = useServers({ source: major, scratch: major });

  test('to back up and to restore a database that another role owns', async () => {
    const owner = await servers.source.createDatabase({ name: 'shop', owner: 'shop_owner' });
    await runEach(owner, [
      'CREATE SCHEMA hidden',
      'CREATE TABLE hidden.orders (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer text UNIQUE)',
      "INSERT INTO hidden.orders (customer) SELECT 'c' || n FROM generate_series(1, 100) n",
      'CREATE MATERIALIZED VIEW hidden.totals AS SELECT count(*) FROM hidden.orders',
      'CREATE FUNCTION hidden.f() RETURNS int LANGUAGE sql RETURN 1',
      'REVOKE ALL ON FUNCTION hidden.f() FROM PUBLIC',
    ]);
    const as = (user: string, on: Connection): Connection => ({ ...on, user, password: '…' });
    await runEach(servers.source.superuser('shop'), sourceRole);
    await runEach(servers.scratch.superuser(), scratchRole);
    const wanted = {
      source: as('lifeboat', owner),
      into: as('lifeboat_scratch', servers.scratchLogin),
    };
    const expectVerified = async () => {
      const { verdict, failed, error, manifest } = await servers.backUpAndRestore(wanted);
      expect({ verdict, failed, error }).toEqual({ verdict: 'verified', failed: [], error: null });
      return manifest.tables.map(({ name }) => name);
    };
    expect(await expectVerified()).toContain('orders');

    await runEach(owner, ["SELECT lo_from_bytea(20000, 'a contract'), lo_from_bytea(0, 'another')"]);
    const message = /"lifeboat" may not read large objects \(2 of "shop_owner"/;
    await expect(servers.takeBackup(wanted.source)).rejects.toMatchObject({
      name: 'LargeObjectsHidden',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('GRANT "shop_owner" TO "lifeboat"'),
    });
    await runEach(servers.source.superuser(), largeObjects);
    expect(await expectVerified()).toContain('pg_largeobject');
    // Objects that came later are covered too.
    await runEach(owner, ["SELECT lo_from_bytea(0, 'a third')"]);
    expect(await expectVerified()).toContain('pg_largeobject');
  });
});
