import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { DOCUMENTS, documentSchema } from '../../../schemas/documents.ts';
import { inPipes, projectFolder } from '../cli/run-lifeboat.ts';
import { evidence } from '../run/evidence-fixture.ts';

vi.setConfig({ testTimeout: 60_000 });

const published = async (name: string) =>
  readFile(path.join(projectFolder, `schemas/${name}.schema.json`), 'utf8');

/** What the published file says of a document: read from the file, not from the code that wrote it. */
async function isValid(name: string, document: unknown): Promise<boolean> {
  const schema = z.fromJSONSchema(JSON.parse(await published(name)));
  return schema.safeParse(JSON.parse(JSON.stringify(document))).success;
}

describe.each(Object.keys(DOCUMENTS))('schemas/%s.schema.json', (name) => {
  test('is what npm run plan:schema writes, with an id and a title', async () => {
    expect(await published(name)).toBe(documentSchema(name));
    expect(JSON.parse(await published(name))).toMatchObject({
      $id: `urn:lifeboat:${name}`,
      title: expect.stringMatching(/\w/),
    });
  });
});

describe('a published schema fits what is really printed, and nothing else', () => {
  test('plan check', async () => {
    const { stdout } = await inPipes(['plan', 'check', '--json']);
    expect(await isValid('plan-check', JSON.parse(stdout))).toBe(true);
    expect(await isValid('plan-check', { plans: [{ path: 1 }] })).toBe(false);
  });

  test('an error', async () => {
    const { stdout } = await inPipes(['backup', 'no-such-plan', '--json']);
    expect(await isValid('error', JSON.parse(stdout))).toBe(true);
    expect(await isValid('error', { error: 'text' })).toBe(false);
  });

  test('evidence, alone and in a run', async () => {
    expect(await isValid('evidence', evidence)).toBe(true);
    expect(await isValid('evidence', { ...evidence, outcome: 'fine' })).toBe(false);
    const run = {
      machine: 'restore-test',
      runId: evidence.runId,
      executionArn: evidence.executionArn,
      end: { status: 'SUCCEEDED', error: null, cause: null },
      evidence,
      evidenceLocation: 's3://vault/run.json',
      evidenceProblem: null,
    };
    expect(await isValid('run', run)).toBe(true);
    expect(await isValid('run', { ...run, end: 'SUCCEEDED' })).toBe(false);
  });
});
