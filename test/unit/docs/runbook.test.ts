import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createProgram } from '../../../cli/program.ts';
import { deriveAlarms } from '../../../resources/alarms.ts';
import { loadPlan } from '../../../shared/plan/load.ts';
import { STACK_ROLES } from '../../../shared/plan/stack-role.ts';
import { KINDS } from '../../../shared/run/kinds.ts';
import { problemOf } from './problem-of.ts';

const runbook = readFileSync('docs/runbook.md', 'utf8');
const sections = [...runbook.matchAll(/^## (.*)$/gm)].map(([, title = '']) => title);

interface State {
  readonly Type: string;
  readonly Error?: string;
}

const failures = globSync('state-machines/*.asl.json').flatMap((file) => {
  const { States } = JSON.parse(readFileSync(file, 'utf8')) as { States: Record<string, State> };
  return Object.values(States).flatMap(({ Type, Error: error }) => (Type === 'Fail' && error ? [error] : []));
});

test('has one section for each error that an execution fails with, and for each metric that alarms', async () => {
  const plans = await Promise.all(globSync('plans/*.yml').map(loadPlan));
  const metrics = plans.flatMap((plan) => {
    const alarms = STACK_ROLES.map((role) => deriveAlarms(plan, KINDS, role));
    return (alarms.flatMap((each) => Object.values(each)) as { Properties: { MetricName: string } }[]).map(
      ({ Properties }) => Properties.MetricName,
    );
  });
  expect(sections.toSorted()).toEqual([...new Set([...failures, ...metrics])].sort());
});

test('says in each section what to look at and what to do', () => {
  for (const section of runbook.split(/^## /m).slice(1)) expect(section).toMatch(/^(?:Do|Then)\b/m);
});

test('names no command that the command line does not have', () => {
  const commands = [...runbook.matchAll(/^npm run lifeboat -- (.*?)(?:\s+#.*)?$/gm)].map(
    ([, line = '']) => line,
  );
  expect(commands).not.toEqual([]);
  for (const line of commands) expect(problemOf(createProgram({ json: false }), line.split(' '))).toBeNull();
});
