import { globSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../../../cli/program.ts';
import { deriveAlarms } from '../../../resources/alarms.ts';
import { loadPlan } from '../../../shared/plan/load.ts';

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
  const alarms = deriveAlarms(await loadPlan('plans/mailblast.yml')) as Record<
    string,
    { Properties: { MetricName: string } }
  >;
  const metrics = Object.values(alarms).map(({ Properties }) => Properties.MetricName);
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

/** What is wrong with a command line; null where the command exists and knows every option. */
function problemOf(program: Command, [word = '', ...rest]: string[]): string | null {
  const command = program.commands.find((each) => each.name() === word);
  if (!command) return `no command "${word}"`;
  if (rest[0] !== undefined && command.commands.some((each) => each.name() === rest[0]))
    return problemOf(command, rest);
  const options = rest.filter((each) => each.startsWith('--'));
  const unknown = options.find((option) => !command.options.some(({ long }) => long === option));
  return unknown ? `"${word}" has no option ${unknown}` : null;
}
