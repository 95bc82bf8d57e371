import { describe, expect, it } from 'vitest';
import { placeNamed, restoreQuestion, wantedPoint } from '../../../cli/commands/restore.ts';
import { findPlan } from '../../../cli/find-plan.ts';
import { createProgram } from '../../../cli/program.ts';
import { nextSteps } from '../../../cli/render/next-step.ts';
import { WrongUsage } from '../../../cli/usage.ts';
import { NotInPlan, restoreOf } from '../../../shared/plan/lookup.ts';

const { plan } = await findPlan('mailblast');
const at = new Date('2026-11-22T04:00:00Z');
const label = 'before-upgrade';
const point = '20261122T020000Z-3f9a1c55-0b1c2d3e';

describe('the place that a person means', () => {
  it('is the only one of the plan, or the one that is named', () => {
    expect(placeNamed(plan, undefined)).toBe('production');
    expect(() => placeNamed(plan, 'staging')).toThrow(NotInPlan);
    expect(() => placeNamed({ ...plan, restores: {} }, undefined)).toThrow('has no place to restore to');
    const restores = { production: restoreOf(plan, 'production'), staging: restoreOf(plan, 'production') };
    expect(() => placeNamed({ ...plan, restores }, undefined)).toThrow('production, staging');
  });
});

describe('the recovery point that a person means', () => {
  it.each([
    [{ at: 'newest' as const }, { choose: 'newest verified' }],
    [{ at }, { choose: 'newest verified', at: '2026-11-22T04:00:00.000Z' }],
    [
      { at, unverified: true as const },
      { choose: 'newest', at: '2026-11-22T04:00:00.000Z' },
    ],
    [{ point }, { choose: point }],
    [{ label }, { choose: 'newest', label }],
    [
      { label, at },
      { choose: 'newest', label, at: '2026-11-22T04:00:00.000Z' },
    ],
    [
      { label, at: 'newest' as const },
      { choose: 'newest', label },
    ],
  ])('of %j is %j', (options, wanted) => {
    expect(wantedPoint(options)).toEqual(wanted);
  });

  it.each([
    [{}],
    [{ unverified: true as const }],
    [{ point, at: 'newest' as const }],
    [{ point, unverified: true as const }],
    [{ point, label }],
  ])('is not clear from %j', (options) => {
    expect(() => wantedPoint(options)).toThrow(WrongUsage);
  });
});

describe('the question before a restore', () => {
  it.each([
    [{ at }, 'Restore the state before 2026-11-22T04:00:00.000Z of mailblast/main'],
    [{ at: 'newest' as const }, 'Restore the newest state of mailblast/main'],
    [{ point }, `Restore ${point} of mailblast/main`],
    [{ label }, 'Restore the newest state labelled before-upgrade of mailblast/main'],
    [
      { label, at },
      'Restore the newest state labelled before-upgrade before 2026-11-22T04:00:00.000Z of mailblast/main',
    ],
    [
      { point, only: ['public.contacts', 'billing'] },
      `Restore only public.contacts, billing of ${point} of mailblast/main`,
    ],
  ])('of %j says what goes where', (which, says) => {
    const question = restoreQuestion(plan, 'production', {
      ...which,
      into: 'copy',
      stage: 'prod',
      region: 'us-west-2',
    });
    expect(question).toBe(`${says}, stage prod, in us-west-2 into the new database copy of production`);
  });
});

it.each(['a b', '1st', 'x"; DROP DATABASE y; --', 'é', 'x'.repeat(64), ''])(
  'the name %j is refused before anything',
  async (name) => {
    const words = ['restore', 'mailblast', '--at', 'newest', '--yes', '--into', name];
    await expect(createProgram({ json: true }).parseAsync(words, { from: 'user' })).rejects.toThrow(
      /Expected a name of at most 63/,
    );
  },
);

it.each(['a.b.c', '', 'public.', '"open', 'public.contacts; DROP TABLE x'])(
  'the table or schema %j is refused before anything',
  async (name) => {
    const words = [
      'restore',
      'mailblast',
      '--at',
      'newest',
      '--yes',
      '--into',
      'copy',
      '--only',
      'public',
      '--only',
      name,
    ];
    await expect(createProgram({ json: true }).parseAsync(words, { from: 'user' })).rejects.toThrow(
      /names neither a table nor a schema/,
    );
  },
);

it('after a restore the next step is to read the secret, by its name', () => {
  const validated = {
    startedAt: '2026-03-01T03:06:17.000Z',
    finishedAt: '2026-03-01T03:08:17.000Z',
    verdict: 'verified',
    reason: '21 checks passed',
    checks: 21,
    recoveredTo: null,
  };
  const handOver = {
    startedAt: '2026-03-01T03:08:18.000Z',
    finishedAt: '2026-03-01T03:08:19.000Z',
    database: 'copy',
    login: 'copy',
    owner: 'app',
    secret: 'lifeboat/mailblast/restored/copy/8f14e45f',
    recoveryPoint: point,
    validated,
  };
  const after = (outcome: string, steps: object) =>
    nextSteps({ machine: 'restore', outcome, subject: 'production', account: null, steps } as never, {
      planPath: 'plans/mailblast.yml',
      stage: 'prod',
      region: 'us-west-2',
    });
  expect(after('restored', { handOver })).toMatchObject([
    {
      command: expect.stringContaining(
        '--secret-id lifeboat/mailblast/restored/copy/8f14e45f --region us-west-2',
      ),
    },
  ]);
  expect(after('rejected', {})).toEqual([]);
});
