import { readFile, rm } from 'node:fs/promises';
import { Command, run } from 'process-kit/command';
import { expect, test } from 'vitest';
import { composeDeadLetters } from '../../local/sample/dead-letters.ts';
import { Evidence } from '../../shared/run/evidence.ts';
import { mistakesIn } from '../unit/schemas/mistakes-in.ts';
import { watchRuns } from './runs-left.ts';

const MESSAGES = 500;

test('a drill replays an outage: too early it loses nothing, in time each event takes effect once, and the account says so', async () => {
  const runsLeft = await watchRuns();
  const drill = await run(`npm run --silent drill -- replay --messages ${MESSAGES} --json`);
  expect(drill, drill.stderr).toMatchObject({ code: 0 });

  expect(mistakesIn('drill-replay', drill.stdout)).toEqual([]);
  const report = JSON.parse(drill.stdout);
  const kept = [report.whileDown, report.dryRun, report.replay, report.second];
  const [whileDown, dryRun, replay, second] = await Promise.all(
    kept.map(async ({ evidenceFile }) => Evidence.parse(JSON.parse(await readFile(evidenceFile, 'utf8')))),
  );
  await Promise.all(kept.map(({ evidenceFile }) => rm(evidenceFile)));

  const { known, fresh, refused, copies, unparsable, mismatched } = composeDeadLetters(MESSAGES, {
    topicArn: 'arn:aws:sns:us-east-1:000000000000:any',
    at: new Date(),
  });
  expect(whileDown).toMatchObject({ outcome: 'stopped', account: { received: 0 } });
  expect(dryRun).toMatchObject({ outcome: 'dry-run', account: null, steps: { inspect: { read: MESSAGES } } });
  expect(replay).toMatchObject({
    outcome: 'replayed',
    startedBy: 'drill',
    incident: { failedAt: report.outageAt },
    account: {
      received: MESSAGES,
      delivered: fresh.length,
      duplicates: copies + known.length,
      quarantined: refused.length + unparsable + mismatched,
      returned: 0,
    },
    steps: { account: { left: 0 } },
  });
  expect(report.quarantine).toHaveLength(refused.length + unparsable + mismatched);
  expect(report.released).toMatchObject([{ outcome: 'released' }]);
  expect(second).toMatchObject({ outcome: 'replayed', account: { received: 1, delivered: 1 } });

  // What the webhook saw and the database has, as the drill asked them.
  const found = Object.fromEntries(
    report.findings.map((finding: { what: string; found: string }) => [finding.what, finding.found]),
  );
  expect(report.findings.filter(({ good }: { good: boolean }) => !good)).toEqual([]);
  expect(found).toMatchObject({
    'every event is in the database exactly once': String(fresh.length + known.length),
    'and each took effect at the webhook, once': String(fresh.length),
    'and is in the database exactly once': '1',
  });
  expect(drill.stderr).toContain(
    `${MESSAGES} received = ${fresh.length} delivered + ${copies + known.length} duplicates + ` +
      `${refused.length + unparsable + mismatched} quarantined + 0 returned`,
  );
  expect(drill.stderr).toContain('IT ADDS UP');
  expect(await runsLeft()).toEqual([]);
}, 240_000);

test('a replay drill that is interrupted while it replays says so, and leaves nothing', async () => {
  const runsLeft = await watchRuns();
  const drill = new Command('node cli/lifeboat.js drill replay --messages 2000');
  await drill.printed(/→ Drain the queue/);
  drill.interrupt();
  const { code, stdout, stderr } = await drill.outcome();
  await Promise.all([...stdout.matchAll(/\.lifeboat\/evidence\/\S+/g)].map(([file]) => rm(file)));
  expect({ code, stderr: stderr.trim() }).toEqual({
    code: 130,
    stderr: 'Interrupted: nothing is proven, and nothing of the drill is left.',
  });
  expect(await runsLeft()).toEqual([]);
}, 240_000);
