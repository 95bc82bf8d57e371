import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DOCUMENTS, documentSchema } from '../../../schemas/documents.ts';
import { inPipes, inShell, projectFolder } from '../cli/run-lifeboat.ts';
import { evidence } from '../run/evidence-fixture.ts';
import { mistakesIn } from './mistakes-in.ts';

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lifeboat-documents-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(Object.keys(DOCUMENTS))('schemas/%s.schema.json', (name) => {
  test('is what npm run plan:schema writes, with an id and a title', async () => {
    const published = await readFile(path.join(projectFolder, `schemas/${name}.schema.json`), 'utf8');
    expect(published).toBe(documentSchema(name));
    expect(JSON.parse(published)).toMatchObject({
      $id: `urn:lifeboat:${name}`,
      title: expect.stringMatching(/\w/),
    });
  });
});

/** The documents of runs on AWS are compared where such runs are: test/drills and test/versions. */
describe('a published schema fits what is really printed, and nothing else', () => {
  test('good and wrong plans', async () => {
    const wrong = path.join(folder, 'wrong.yml');
    await writeFile(wrong, 'lifeboat: 1\nworkload: X\nregoins: {}\n');
    const { code, stdout } = await inPipes(['plan', 'check', 'mailblast', 'marimo-erp', wrong, '--json']);
    expect({ code, mistakes: mistakesIn('plan-check', stdout) }).toEqual({ code: 2, mistakes: [] });
    const { plans } = JSON.parse(stdout);
    expect(plans.map(({ valid }: { valid: boolean }) => valid)).toEqual([true, true, false]);
    const more = { plans: [...plans, { ...plans[0], colour: 'red' }], severalPlans: [] };
    expect(mistakesIn('plan-check', more).join()).toContain('plans[3]');
    expect(
      mistakesIn('plan-check', { plans: [{ path: 'x.yml', valid: true }], severalPlans: [] }),
    ).not.toEqual([]);
  });

  test('two plans of one workload', async () => {
    const copy = path.join(folder, 'copy.yml');
    await writeFile(copy, await readFile(path.join(projectFolder, 'plans/mailblast.yml')));
    const { code, stdout } = await inPipes(['plan', 'check', 'mailblast', copy, '--json']);
    expect({ code, mistakes: mistakesIn('plan-check', stdout) }).toEqual({ code: 2, mistakes: [] });
    expect(JSON.parse(stdout).severalPlans).toHaveLength(1);
  });

  test('a new plan', async () => {
    const file = path.join(folder, 'new.yml');
    const said = ['--workload', 'shop', '--region', 'eu-central-1', '--email', 'a@example.com'];
    const { stdout } = await inPipes(['plan', 'init', ...said, '--json', file]);
    expect(mistakesIn('plan-init', stdout)).toEqual([]);
    expect(mistakesIn('plan-init', { path: file })).not.toEqual([]);
  });

  test.each([
    ['of Lifeboat', ['backup', 'no-such-plan']],
    ['of the command line', ['bakup']],
    ['of a question that nobody answers', ['replay', 'mailblast']],
    ['of AWS', ['status', 'mailblast']],
  ])('an error %s', async (_, command) => {
    const { stdout } = await inPipes([...command, '--json']);
    expect(mistakesIn('error', stdout)).toEqual([]);
    expect(mistakesIn('error', { error: 'text' })).not.toEqual([]);
  });

  test('evidence, alone and in a run', () => {
    expect(mistakesIn('evidence', evidence)).toEqual([]);
    expect(mistakesIn('evidence', { ...evidence, outcome: 'fine' })).not.toEqual([]);
    expect(mistakesIn('evidence', { ...evidence, colour: 'red' })).not.toEqual([]);
    const run = {
      machine: 'restore-test',
      runId: evidence.runId,
      executionArn: evidence.executionArn,
      end: { status: 'SUCCEEDED', error: null, cause: null },
      evidence,
      evidenceLocation: 's3://vault/run.json',
      evidenceProblem: null,
    };
    expect(mistakesIn('run', run)).toEqual([]);
    expect(mistakesIn('run', { ...run, end: 'SUCCEEDED' })).not.toEqual([]);
  });

  test.each(['INT', 'TERM'])('a command that SIG%s ends before it has a result', async (signal) => {
    // A server that takes the call to AWS and never answers.
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const called = once(silent, 'connection');
    const env = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
    };
    const line = `exec "${process.execPath}" cli/lifeboat.js status mailblast --json & echo $! >"${folder}/pid"; wait $!`;
    const ended = inShell(line, { env });
    await called;
    process.kill(Number(await readFile(path.join(folder, 'pid'), 'utf8')), `SIG${signal}`);
    const { code, stdout } = await ended;
    silent.close();
    expect({ code, mistakes: mistakesIn('error', stdout) }).toEqual({ code: 130, mistakes: [] });
    expect(JSON.parse(stdout).error.name).toBe('Interrupted');
  });
});
