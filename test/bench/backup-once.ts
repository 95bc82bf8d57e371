import { randomBytes } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { createTakeBackup } from '../../shared/backup/logical/take-backup.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import type { DatabaseAccess } from '../../shared/database/access.ts';
import { openSnapshots } from '../../shared/database/open/snapshots.ts';
import { s3Vault } from '../../shared/vault/s3-vault.ts';

/**
 * Takes one backup, in a process of its own so that its CPU and memory are its own, and prints what it cost as JSON.
 * Reads {access, endpoint, connections} as JSON from its standard input: access holds a password, which no argument may.
 */
let text = '';
for await (const chunk of process.stdin) text += chunk;
const { access, endpoint, connections }: { access: DatabaseAccess; endpoint: string; connections: number } =
  JSON.parse(text);

const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
const s3 = new S3Client({ region: 'us-east-1', endpoint, credentials, forcePathStyle: true });
const takeBackup = createTakeBackup({
  vault: s3Vault(s3, 'bench', 'governance'),
  snapshots: openSnapshots('postgres'),
  clock: systemClock,
  progress: { report() {}, settled: async () => {} },
  attempt: randomBytes(4).toString('hex'),
});
const start = performance.now();
const before = process.resourceUsage();
const manifest = await takeBackup({
  workload: 'mailblast',
  database: 'main',
  backup: 'full',
  runId: 'bench',
  runStartedAt: new Date(),
  planVersion: 'bench',
  access,
  rows: 'binary',
  retention: 86_400_000,
  connections,
  signal: new AbortController().signal,
});
const after = process.resourceUsage();
const parts = manifest.tables.flatMap((table) => table.parts);
console.log(
  JSON.stringify({
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1e6,
    peakMiB: after.maxRSS / 1024,
    storedBytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    rawBytes: parts.reduce((sum, part) => sum + part.rawBytes, 0),
  }),
);
