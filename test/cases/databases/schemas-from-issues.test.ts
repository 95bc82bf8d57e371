import { describe, expect, test } from 'vitest';
import { reportedSchemas } from './schemas-from-issues.ts';
import { runEach, useServers } from './servers.ts';

const servers = useServers();

describe('a schema as in', () => {
  test.each(reportedSchemas)('$from', async ({ statements, needsSuperuser }) => {
    const source = await servers.newDatabase();
    await runEach(needsSuperuser ? servers.source.superuser(source.database) : source, [
      ...statements,
      'CREATE TABLE IF NOT EXISTS a_table ()',
    ]);
    if (needsSuperuser) await runEach(servers.scratch.superuser(), ['ALTER ROLE restore_tests SUPERUSER']);
    const from = needsSuperuser ? servers.source.superuser(source.database) : source;
    const { verdict, failed, error } = await servers.backUpAndRestore({ source: from });
    if (needsSuperuser) await runEach(servers.scratch.superuser(), ['ALTER ROLE restore_tests NOSUPERUSER']);
    expect({ verdict, failed, error }).toEqual({ verdict: 'verified', failed: [], error: null });
  });
});
