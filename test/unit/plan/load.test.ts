import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPlan, parsePlan, planVersion } from '../../../shared/plan/load.ts';
import { PLAN, planWith } from './plan-text.ts';

describe('parsePlan', () => {
  it('reads durations as milliseconds and leaves schedules as written', () => {
    const { main } = parsePlan(PLAN, 'x.yml').databases;
    expect(main?.backups).toEqual({
      full: { logical: { rows: 'text' }, schedule: 'cron(0 2 * * ? *)', retention: 2_592_000_000 },
      wal: {
        pointInTime: {},
        takenBy: 'pgBackRest on the database host',
        schedule: 'rate(15 minutes)',
        retention: 604_800_000,
      },
    });
  });

  it('fills in what may be left out', () => {
    const shorter = [
      ['        logical:\n          rows: text\n', '        logical: {}\n'],
      ['    afterRestore:\n      - UPDATE jobs SET active = false\n', ''],
      [
        'artifacts:\n  templates: { takenBy: the build, schedule: on-change, retention: 90d, where: s3://shop/templates/ }\n',
        '',
      ],
      [
        '      network:\n        subnets: [subnet-0a1b2c3d4e5f60001]\n        securityGroups: [sg-0a1b2c3d]\n',
        '',
      ],
    ].reduce((text, [passage = '', replacement = '']) => planWith(passage, replacement, text), PLAN);

    const plan = parsePlan(shorter, 'x.yml');
    expect(plan.artifacts).toEqual({});
    expect(plan.databases.main?.postgres).not.toHaveProperty('network');
    expect(plan.restoreTests.nightly?.afterRestore).toEqual([]);
    expect(plan.databases.main?.backups.full).toHaveProperty('logical.rows', 'binary');
  });

  it('follows anchors, and YAML 1.2: a plain no is a text', () => {
    const anchored = planWith('rpo: 15m\n', 'rpo: &short 15m\n', planWith('A shop', 'no', PLAN));
    const plan = parsePlan(planWith('rto: 20m', 'rto: *short', anchored), 'x.yml');
    expect(plan.objectives.scenarios.corruption).toEqual({ rpo: 900_000, rto: 900_000 });
    expect(plan.description).toBe('no');
  });

  it('reads a file with the line endings and the byte order mark of Windows', () => {
    expect(parsePlan(`\uFEFF${PLAN.replaceAll('\n', '\r\n')}`, 'x.yml')).toEqual(parsePlan(PLAN, 'x.yml'));
  });

  it.each([
    ['equals: 0', { equals: 0 }],
    ['equals: v42', { equals: 'v42' }],
    ['equals: false', { equals: false }],
    ['equals: null', { equals: null }],
    ['equals: "9007199254740993"', { equals: '9007199254740993' }],
    ['atLeast: 0.5', { atLeast: 0.5 }],
    ['atMost: -1', { atMost: -1 }],
    ['noRows: true', { noRows: true }],
  ])('takes the expectation %s', (text, expectation) => {
    const plan = parsePlan(planWith('{ atLeast: 1 }', `{ ${text} }`), 'x.yml');
    expect(plan.restoreTests.nightly?.checks[0]?.expect).toEqual(expectation);
  });
});

describe('loadPlan', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plan-'));
    await mkdir(join(folder, 'folder.yml'));
    await symlink(join(folder, 'loop.yml'), join(folder, 'loop.yml'));
    await writeFile(join(folder, 'right.yml'), PLAN);
    await writeFile(join(folder, 'empty.yml'), '');
    await writeFile(join(folder, 'at-most.yml'), PLAN.padEnd(1_048_576, '\n'));
    await writeFile(join(folder, 'too-large.yml'), PLAN.padEnd(1_048_577, '\n'));
    await writeFile(join(folder, 'latin1.yml'), Buffer.from('description: caf\xe9\n', 'latin1'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(['right.yml', 'at-most.yml'])('reads %s', async (file) => {
    expect(await loadPlan(join(folder, file))).toEqual(parsePlan(PLAN, 'x.yml'));
  });

  it.each([
    ['missing.yml', 'there is no such file'],
    ['right.yml/x.yml', 'there is no such file'],
    ['folder.yml', 'is not a file; give the path of one plan'],
    ['loop.yml', 'cannot be read (ELOOP)'],
    ['too-large.yml', 'has 1048577 bytes; a plan has at most 1048576'],
    ['latin1.yml', 'is not UTF-8 text'],
  ])('says of %s that it %s', async (file, reason) => {
    const path = join(folder, file);
    await expect(loadPlan(path)).rejects.toMatchObject({
      name: 'PlanUnreadable',
      path,
      message: `${path}: ${reason}`,
    });
  });

  it('calls an empty file an invalid plan, by its path', async () => {
    const path = join(folder, 'empty.yml');
    await expect(loadPlan(path)).rejects.toMatchObject({
      name: 'PlanInvalid',
      message: `${path}:1:1: expected a plan; the file is empty`,
    });
  });
});

describe('planVersion', () => {
  it('is twelve hexadecimal digits of the SHA-256 of the text', () => {
    // printf 'workload: shop\n' | sha256sum
    expect(planVersion('workload: shop\n')).toBe('d11abd06a4d1');
  });

  it('is the same whatever the line endings', () => {
    expect(planVersion('a: 1\r\nb: 2\r')).toBe(planVersion('a: 1\nb: 2\n'));
  });

  it('changes with any other character', () => {
    expect(planVersion('a: 1 \n')).not.toBe(planVersion('a: 1\n'));
  });
});
