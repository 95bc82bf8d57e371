import { readFile, rm } from 'node:fs/promises';
import { Command, run } from 'process-kit/command';
import { expect, test } from 'vitest';
import { Evidence } from '../../shared/run/evidence.ts';
import { mistakesIn } from '../unit/schemas/mistakes-in.ts';
import { watchRuns } from './runs-left.ts';

test('a drill loses a database, brings it back, measures it, keeps the evidence and leaves nothing running', async () => {
  const runsLeft = await watchRuns();
  const drill = await run('npm run --silent drill -- --scale 0.01 --json');
  expect(drill).toMatchObject({ code: 0 });

  expect(mistakesIn('drill', drill.stdout)).toEqual([]);
  const { backup, restoreTest } = JSON.parse(drill.stdout);
  const evidence = Evidence.parse(JSON.parse(await readFile(restoreTest.evidenceFile, 'utf8')));
  await Promise.all([backup, restoreTest].map(({ evidenceFile }) => rm(evidenceFile)));
  expect(evidence).toMatchObject({
    machine: 'restore-test',
    outcome: 'verified',
    startedBy: 'drill',
    workload: 'mailblast',
  });
  expect(evidence.objectives).toMatchObject({
    scenario: 'database-corruption',
    rpo: { basis: 'measured', met: true },
    rto: { basis: 'measured', met: true },
  });
  // Writes went on while the backup ran, and after it until the disaster: some of them are lost, and the RPO says so.
  expect(evidence.objectives?.rpo.seconds).toBeGreaterThan(0);
  expect(await runsLeft()).toEqual([]);
}, 120_000);

test('a drill of a plan without sample data says what is missing, as wrong usage', async () => {
  const { code, stdout, stderr } = await run('npm run --silent drill -- marimo-erp');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/marimo-erp/);
  expect(stderr).not.toMatch(/\bat .*\.ts:\d/);
}, 60_000);

test('a drill that is interrupted while its data loads says so, and leaves nothing', async () => {
  const runsLeft = await watchRuns();
  // So much data that it loads for longer than the five seconds after which the screen says so.
  const drill = new Command('node cli/lifeboat.js drill --scale 0.5 --json 3>&1 1>&2 2>&3');
  await drill.printed(/its data loaded 5s/);
  drill.interrupt();
  const { code, stderr: printed } = await drill.outcome(); // the two outputs are exchanged: see above
  expect(mistakesIn('error', printed)).toEqual([]);
  expect({ code, error: JSON.parse(printed).error }).toEqual({
    code: 130,
    error: {
      name: 'Interrupted',
      message: 'Interrupted: nothing is proven, and nothing of the drill is left.',
    },
  });
  expect(await runsLeft()).toEqual([]);
}, 120_000);
