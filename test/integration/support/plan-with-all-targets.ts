import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { workFolder } from '../../../local/folders.ts';

/**
 * MailBlast's plan with more targets than its webhook and Redis: a queue, a topic and a function, a rehydration that fills the
 * queue, and a trail of the vault. It covers every permission that a plan can give its functions, and every kind of resource.
 */
export async function planWithAllTargets(): Promise<{ file: string; remove(): Promise<void> }> {
  const plan = parse(await readFile('plans/mailblast.yml', 'utf8'));
  const scenario = 'webhook-failure';
  Object.assign(plan.replays, {
    'to-queue': { deadLetters: 'to-queue-dlq', target: { queue: 'jobs' }, scenario },
    'to-topic': { deadLetters: 'to-topic-dlq', target: { topic: 'jobs' }, scenario },
    'to-function': {
      deadLetters: 'to-function-dlq',
      target: { function: { name: 'jobs' } },
      as: 'payload',
      scenario,
    },
  });
  plan.vault.trail = { of: 'changes' };
  plan.rehydrations.jobs = {
    database: 'main',
    sql: "SELECT 'job/' || id AS key, payload::text AS body FROM failed_jobs",
    into: { queue: 'jobs' },
  };
  const folder = await mkdtemp(path.join(workFolder, 'plan-'));
  const file = path.join(folder, 'mailblast.yml');
  await writeFile(file, stringify(plan));
  return { file, remove: () => rm(folder, { recursive: true }) };
}
