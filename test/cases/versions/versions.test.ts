import { expect } from 'vitest';
import { useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const older = [14, 15, 16, 17] as const;
const servers = older.map((major) => ({ major, ...{ on: useServers({ source: major, scratch: major }) } }));

const statements = [
  'CREATE TABLE contacts (id int PRIMARY KEY, email text)',
  "INSERT INTO contacts SELECT n, n || '@example.org' FROM generate_series(1, 1000) n",
];

fieldCase('A15', async (now) => {
  const outcomes = await Promise.all(
    servers.map(async ({ major, on }) => {
      const { verdict, reason, failed, manifest } = await on.backUpAndRestore({ statements });
      expect(Math.floor(manifest.source.serverVersion / 10_000)).toBe(major);
      return { major, verdict, failed, reason: verdict === 'verified' ? '' : reason };
    }),
  );
  now(outcomes.map(({ major, verdict, reason }) => `${major}: ${verdict}${reason}`).join(', '));
  expect(outcomes).toEqual(older.map((major) => ({ major, verdict: 'verified', failed: [], reason: '' })));
});
