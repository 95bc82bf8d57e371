import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { postgresEngine } from '../../../shared/database/postgres/postgres-engine.ts';
import { fieldCase } from '../field-case.ts';
import { accessOf, runEach, useServers } from './servers.ts';

const servers = useServers();
const { heartbeats } = postgresEngine;
const beat = (where: Parameters<typeof accessOf>[0]) => heartbeats.beat(accessOf(where), 'field', new Date());

fieldCase('B8', async (now) => {
  const source = await servers.newDatabase();
  await runEach(source, ['CREATE TABLE t (n int)', 'INSERT INTO t VALUES (1)']);
  const { verdict, reason } = await servers.backUpAndRestore({
    source,
    heartbeatAt: new Date(Date.now() - 3_600_000),
  });
  expect(verdict).toBe('not-proven');
  expect(reason).toContain('the heartbeat itself had stopped');
  now('not proven, naming the heartbeat; an alarm on it');
});

/** A second user for a database, as Secrets Manager's rotation makes one, or as a person does. */
async function secondUser(source: { database: string; user: string }, ...statements: string[]) {
  const name = `other_${randomBytes(4).toString('hex')}`;
  const login = await servers.source.createRole({ name, createDatabases: false });
  await runEach(
    servers.source.superuser(source.database),
    statements.map((sql) => sql.replaceAll('{app}', source.user).replaceAll('{other}', name)),
  );
  return { ...login, database: source.database };
}

fieldCase('A11', async (now) => {
  const app = await servers.newDatabase();
  await runEach(app, ['CREATE TABLE t (n int)']);
  // https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas grants the first user to the second.
  const clone = await secondUser(app, 'GRANT {app} TO {other}');
  await beat(clone);
  await beat(app);
  await beat(clone);
  const { verdict } = await servers.backUpAndRestore({ source: app });
  expect(verdict).toBe('verified');
  now('verified as either user');
});

describe('a heartbeat is written by two users in turn', () => {
  test.each<[string, string[]]>([
    ['the second one is a member of the first', ['GRANT {app} TO {other}']],
    [
      'the second one inherits nothing, and may create the schema',
      ['GRANT {app} TO {other}', 'ALTER ROLE {other} NOINHERIT', 'GRANT CREATE ON DATABASE {app} TO {other}'],
    ],
    [
      'both are members of a third role',
      [
        'CREATE ROLE {other}_group',
        'GRANT {other}_group TO {app}, {other}',
        'GRANT CREATE ON DATABASE {app} TO {other}',
      ],
    ],
    [
      'they have nothing in common, but the first owns the database',
      ['GRANT CREATE ON DATABASE {app} TO {other}'],
    ],
  ])('where %s', async (_, statements) => {
    const app = await servers.newDatabase();
    const clone = await secondUser(app, ...statements);
    for (const user of [clone, app, clone]) await beat(user);
  });

  test.each<[string, string[]]>([
    ['the second one is a member of the first', ['GRANT {app} TO {other}']],
    ['the second one inherits nothing', ['GRANT {app} TO {other}', 'ALTER ROLE {other} NOINHERIT']],
    [
      'both are members of a third role',
      ['CREATE ROLE {other}_group', 'GRANT {other}_group TO {app}, {other}'],
    ],
  ])('where %s, and the first begins', async (_, statements) => {
    const app = await servers.newDatabase();
    const clone = await secondUser(app, ...statements);
    for (const user of [app, clone, app]) await beat(user);
  });
});

describe('a heartbeat that is refused says why, and what to run', () => {
  test('to a stranger', async () => {
    const app = await servers.newDatabase();
    await beat(app);
    const stranger = await secondUser(app);
    const error = await beat(stranger).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'HeartbeatRefused',
      message: expect.stringContaining(`lifeboat.heartbeat belongs to the role "${app.user}"`),
    });
    const [, statement = ''] = /run: (.*)$/.exec((error as Error).message) ?? [];
    await runEach(app, [statement]);
    await beat(stranger);
  });

  test('to one who may not create the schema', async () => {
    const app = await servers.newDatabase();
    const stranger = await secondUser(app);
    const error = await beat(stranger).catch((reason: unknown) => reason);
    const [, statement = ''] = /run: (.*)$/.exec((error as Error).message) ?? [];
    expect(statement).toBe(`GRANT CREATE ON DATABASE "${app.database}" TO "${stranger.user}"`);
    await runEach(app, [statement]);
    await beat(stranger);
  });

  test('to one who finds the schema of another, without the table', async () => {
    const app = await servers.newDatabase();
    await runEach(app, ['CREATE SCHEMA lifeboat']);
    const stranger = await secondUser(app);
    const error = await beat(stranger).catch((reason: unknown) => reason);
    const [, statement = ''] = /run: (.*)$/.exec((error as Error).message) ?? [];
    await runEach(app, [statement]);
    await beat(stranger);
  });
});
