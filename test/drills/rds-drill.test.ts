import { readFile, rm } from 'node:fs/promises';
import { run } from 'process-kit/command';
import { expect, test } from 'vitest';
import { Evidence } from '../../shared/run/evidence.ts';
import { mistakesIn } from '../unit/schemas/mistakes-in.ts';
import { watchRuns } from './runs-left.ts';

test('a drill on RDS proves a snapshot and a moment before the accident, and leaves no instance, secret or process', async () => {
  const runsLeft = await watchRuns();
  const drill = await run('npm run --silent drill -- rds --scale 0.02 --json');
  expect(drill, drill.stderr).toMatchObject({ code: 0 });

  expect(mistakesIn('drill-rds', drill.stdout)).toEqual([]);
  const { runs, findings, written, deletedAt } = JSON.parse(drill.stdout);
  const kept: Evidence[] = await Promise.all(
    runs.map(async ({ evidenceFile }: { evidenceFile: string }) =>
      Evidence.parse(JSON.parse(await readFile(evidenceFile, 'utf8'))),
    ),
  );
  await Promise.all(runs.map(({ evidenceFile }: { evidenceFile: string }) => rm(evidenceFile)));

  const [rows, snapshot, moments, ofSnapshot, ofMoment, stayed] = kept;
  expect(rows).toMatchObject({ outcome: 'taken' });
  expect(snapshot).toMatchObject({ outcome: 'taken', steps: { snapshot: { complete: true } } });
  expect(moments).toMatchObject({
    outcome: 'taken',
    steps: { pointInTime: { copiedTo: expect.any(String) } },
  });
  for (const proven of [ofSnapshot, ofMoment])
    expect(proven).toMatchObject({
      machine: 'restore-test',
      outcome: 'verified',
      startedBy: 'drill',
      incident: { failedAt: deletedAt },
      objectives: { rpo: { basis: 'measured', met: true }, rto: { basis: 'measured', met: true } },
      steps: { read: { complete: true, damaged: [] }, tearDown: { complete: true, dropped: true } },
    });
  expect(ofMoment?.checks).toContainEqual(expect.objectContaining({ kind: 'stop', outcome: 'passed' }));
  expect(stayed).toMatchObject({
    machine: 'restore',
    outcome: 'restored',
    incident: { failedAt: deletedAt },
    objectives: { rpo: { basis: 'measured', met: true }, rto: { basis: 'measured', met: true } },
    steps: {
      read: { complete: true, damaged: [] },
      handOver: { complete: true, instance: 'healing-guard-before-the-accident' },
    },
  });
  // Its rows were read by the login in the secret.
  expect(findings.map(({ what }: { what: string }) => what).join()).toContain(
    'pipelines in the restored instance',
  );
  expect(written.writes).toBeGreaterThan(0);
  expect(findings.filter(({ good }: { good: boolean }) => !good)).toEqual([]);
  expect(await runsLeft()).toEqual([]);
}, 300_000);

test('a drill on RDS of a plan whose database is elsewhere says which plan has one, as wrong usage', async () => {
  const { code, stdout, stderr } = await run('npm run --silent drill -- rds mailblast');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/"mailblast" has no database on RDS[\s\S]*drill rds healing-guard/);
  expect(stderr).not.toMatch(/\bat .*\.ts:\d/);
}, 60_000);
