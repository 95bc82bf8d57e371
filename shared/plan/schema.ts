import * as z from 'zod';
import { LANGUAGE } from './language.ts';
import type { Parts } from './parts.ts';
import { artifacts } from './sections/artifacts.ts';
import { databaseRules, databases } from './sections/databases.ts';
import { failover, failoverRules } from './sections/failover.ts';
import { functions } from './sections/functions.ts';
import { notifications } from './sections/notifications.ts';
import { objectives } from './sections/objectives.ts';
import { regionRules, regions } from './sections/regions.ts';
import { rehydrationRules, rehydrations } from './sections/rehydrations.ts';
import { replayRules, replays } from './sections/replays.ts';
import { restoreTestRules, restoreTests } from './sections/restore-tests.ts';
import { restoreRules, restores } from './sections/restores.ts';
import { vault } from './sections/vault.ts';
import { name, text } from './values/fields.ts';
import type { Violation } from './violation.ts';

/**
 * The shape of a plan file, section by section. It checks one value at a time; PLAN_RULES compare values with
 * each other. Read plans with `parsePlan` or `loadPlan`, which check both.
 */
export const planSchema = z
  .strictObject({
    lifeboat: z.literal(LANGUAGE).describe('The version of the plan language. The first key of a plan.'),
    workload: name.describe('What is protected. Part of the names of the AWS resources.'),
    description: text('a sentence').describe('The workload in one sentence.'),
    regions,
    objectives,
    vault,
    databases,
    restoreTests,
    restores,
    replays,
    rehydrations,
    failover: failover.optional(),
    artifacts,
    functions,
    notifications,
  })
  .meta({ title: 'Lifeboat recovery plan' })
  .describe('What is protected, how, and how it is proven that it can be recovered.');

/** A checked plan. Every duration in it is in milliseconds. */
export type Plan = z.output<typeof planSchema>;

/**
 * The rules that compare values of a plan. Each rule gets the valid parts of a plan, however much is wrong.
 */
export const PLAN_RULES: readonly ((plan: Parts<Plan>) => Violation[])[] = [
  regionRules,
  databaseRules,
  restoreTestRules,
  restoreRules,
  replayRules,
  rehydrationRules,
  failoverRules,
];
