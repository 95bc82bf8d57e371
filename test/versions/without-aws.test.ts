import { majors } from 'local-postgres/release';
import { describe, expect, test } from 'vitest';
import { useServers } from '../cases/databases/servers.ts';
import { type NativeContent, nativeContent } from '../databases/native-content.ts';
import { nativeTools } from '../databases/native-tools.ts';
import { databasesOfOthers, type EmptyDatabase } from '../databases/of-others/of-others.ts';
import { loadRich } from '../databases/rich/rich.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const servers = useServers({ source: major, scratch: major, whole: true });

  async function comesBackWhole(load: (into: EmptyDatabase) => Promise<void>): Promise<void> {
    const source = await servers.newDatabase();
    const tools = await nativeTools(major);
    const superuser = servers.source.superuser(source.database);
    await load({ owner: source, superuser, tools });
    let restored: NativeContent | undefined;
    const { verdict, reason, failed } = await servers.backUpAndRestore({
      source,
      async look(copy) {
        restored = await nativeContent(tools, servers.scratch.superuser(copy.database));
      },
    });
    expect({ verdict, failed }, reason).toEqual({ verdict: 'verified', failed: [] });
    expect(restored).toEqual(await nativeContent(tools, superuser));
  }

  test('what this version can hold comes back as its own pg_dump sees it', () =>
    comesBackWhole(({ owner }) => loadRich(owner, major)));

  test.each(Object.entries(databasesOfOthers))('%s comes back as its own pg_dump sees it', (_, load) =>
    comesBackWhole(load),
  );
});
