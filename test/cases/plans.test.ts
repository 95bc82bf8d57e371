import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { planWarnings } from '../../cli/render/plan-summary.ts';
import { measureInWords, worstLossInWords } from '../../shared/objectives/measure-in-words.ts';
import { loadPlan, parsePlan } from '../../shared/plan/load.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { composeEvidence } from '../../shared/run/compose-evidence.ts';
import { restoreTest } from '../../shared/run/kinds/restore-test.ts';
import { evidence } from '../unit/run/evidence-fixture.ts';
import { fieldCase } from './field-case.ts';

const pathOf = (name: string) => new URL(`../../plans/${name}.yml`, import.meta.url).pathname;
const mailblast = await loadPlan(pathOf('mailblast'));
const marimo = await loadPlan(pathOf('marimo-erp'));
const commentsOf = async (name: string) =>
  (await readFile(pathOf(name), 'utf8'))
    .split('\n')
    .flatMap((line) => /^\s*# ?(.*)$/.exec(line)?.[1] ?? [])
    .join(' ');

fieldCase('P1', async (now) => {
  expect(await commentsOf('mailblast')).toMatch(
    /quarterly test of 5\.2 restores full \+ WAL, which cannot work .* nothing here tests the WAL archive/,
  );
  expect(mailblast.restoreTests.nightly?.from.backup).toBe('full');
  now('the plan says that the WAL archive is not tested, and why');
});

fieldCase('P2', async (now) => {
  expect(await commentsOf('mailblast')).toMatch(/the time of day is chosen here/);
  expect(await commentsOf('mailblast')).toMatch(/The day and the time are chosen here/);
  now('the plan says which times are chosen');
});

fieldCase('P3', (now) => {
  const text = (schedule: string) => planText({ schedule });
  expect(() => parsePlan(text('on-change'), 'x.yml')).toThrow(/on-change would start nothing/);
  expect(parsePlan(text('on-demand'), 'x.yml').workload).toBe('shop');
  expect(mailblast.artifacts.configuration?.schedule).toBe('on-change');
  now('refused where Lifeboat would start it; kept where something else does');
});

fieldCase('P4', (now) => {
  const { checks = [] } = mailblast.restoreTests.nightly ?? {};
  const migrations = checks.filter(({ sql }) => sql.includes('schema_migrations'));
  expect(migrations.map(({ expect: wanted }) => wanted)).toEqual([{ atLeast: 1 }, { noRows: true }]);
  now('any version passes, a migration that stopped half way does not');
});

fieldCase('P5', (now) => {
  const { objectives } = composeEvidence(
    { plan: mailblast, version: '0123456789ab' },
    restoreTest,
    {
      ...evidence,
      runStartedAt: '2026-10-05T04:00:00.000Z',
      facts: { recoveryPoint: '20261005T020000Z-1f2e3d4c' },
      failure: null,
      steps: {
        validate: {
          startedAt: '2026-10-05T04:01:00.000Z',
          finishedAt: '2026-10-05T04:03:00.000Z',
          verdict: 'verified',
          reason: '12 checks passed',
          checks: 12,
          recoveredTo: '2026-10-05T01:59:30.000Z',
        },
      },
    } as never,
    [],
    new Date('2026-10-05T04:04:00.000Z'),
  );
  expect(objectives?.rpo).toEqual({
    basis: 'estimated',
    seconds: 7_230,
    targetSeconds: 86_700,
    met: true,
    judgedBy: 'schedule',
  });
  expect(objectives?.worstLoss).toEqual({ seconds: 86_400, targetSeconds: 900, met: false });
  const words = [
    objectives?.rpo && measureInWords(objectives.rpo),
    objectives?.worstLoss && worstLossInWords(objectives.worstLoss),
  ];
  expect(words).toEqual([
    '2h 1m, its schedule allows 1d 1h: met (estimated)',
    "1d between two backups, objective 15m: NOT MET by the plan's schedules",
  ]);
  now(words.join('; '));
});

fieldCase('P6', async (now) => {
  const { scenarios } = marimo.objectives;
  expect(scenarios['redis-failure']).toEqual({ rpo: null, rto: 600_000 });
  expect(scenarios['rabbitmq-failure']).toEqual({ rpo: null, rto: 1_800_000 });
  expect(scenarios['consul-failure']).toEqual({ rpo: null, rto: 1_800_000 });
  expect(scenarios['accidental-deletion']).toEqual({ rpo: 86_400_000, rto: 7_200_000 });
  now('their times are objectives, "acceptable loss" is "any"; a deletion loses up to 24 h');
});

fieldCase('P7', async (now) => {
  expect(marimo.artifacts['database-off-site']?.retention).toBe(90 * 86_400_000);
  expect(marimo.replays).toEqual({});
  expect(await commentsOf('marimo-erp')).toMatch(/no alarm starts anything/);
  now('the off-site copy is an artifact; the plan says that no alarm starts anything');
});

fieldCase('P8', async (now) => {
  for (const [name, plan] of Object.entries({ mailblast, 'marimo-erp': marimo } satisfies Record<
    string,
    Plan
  >)) {
    expect(await commentsOf(name)).toMatch(/WAL rolls forward only a physical copy/);
    expect(await commentsOf(name)).toMatch(/pgBackRest, Barman or WAL-G/);
    expect(planWarnings(plan).join('\n')).toMatch(/main: worst loss by what Lifeboat takes: 1d, objective/);
  }
  now('both plans say what WAL rolls forward, and what offers the objective');
});

test('any loss is accepted in words too', () => {
  const accepted = { basis: 'measured', seconds: 40, targetSeconds: null, met: null } as const;
  expect(measureInWords(accepted)).toBe('40s, any loss is accepted (measured)');
});

function planText({ schedule }: { schedule: string }): string {
  return `lifeboat: 1
workload: shop
description: A shop
regions: { primary: eu-central-1, standby: eu-west-1 }
objectives: { rpo: 1d, rto: 1h, scenarios: { lost: { rpo: any, rto: 1h } } }
vault: { lock: governance }
databases:
  main:
    postgres: { secret: shop/database, certificateAuthority: shop/ca }
    heartbeat: { every: 1m }
    backups: { full: { logical: {}, schedule: ${schedule}, retention: 30d } }
notifications: { oncall: { email: [oncall@example.com] } }
`;
}
