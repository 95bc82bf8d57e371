import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { LifeboatError } from '../shared/errors/lifeboat-error.ts';
import { loadPlan } from '../shared/plan/load.ts';
import { closestSpelling } from '../shared/plan/mistake.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { typed } from './typed.ts';
import { WrongUsage } from './usage.ts';

/** A plan and the path it was read from, as a person would type it. */
export interface FoundPlan {
  readonly plan: Plan;
  readonly path: string;
}

/** `plans/` has no plan of that name. */
export class UnknownPlan extends LifeboatError {
  override readonly name = 'UnknownPlan';
  override readonly kind = 'usage';

  constructor(name: string, known: readonly string[]) {
    const meant = closestSpelling(name, known);
    const hint =
      meant === undefined ? `there is: ${known.join(', ') || 'none'}.` : `did you mean "${meant}"?`;
    super(
      `plans/ has no plan "${name}"; ${hint} A plan elsewhere is named by its path, such as ./${name}.yml.`,
    );
  }
}

const projectFolder = path.resolve(import.meta.dirname, '..');
const plansFolder = path.join(projectFolder, 'plans');

/**
 * Reads a plan by its path, by the name of a file in `plans/`, or the only one that there is.
 *
 * @throws UnknownPlan, PlanUnreadable, PlanInvalid; WrongUsage where it is not clear which one
 */
export async function findPlan(nameOrPath: string | undefined): Promise<FoundPlan> {
  const planPath = nameOrPath === undefined ? await onlyPlan() : await pathOf(nameOrPath);
  return { plan: await loadPlan(planPath), path: planPath };
}

/** The plan of `plans/` that has sample data. */
export const SAMPLE_PLAN = 'mailblast';

/**
 * Reads the plan that was named, or the only one in the current folder, or else that of the sample application.
 *
 * @param own the person brings data or functions of their own: the sample application cannot be meant
 * @throws UnknownPlan, PlanUnreadable, PlanInvalid; WrongUsage where it is not clear which one
 */
export async function findPlanOrSample(
  nameOrPath: string | undefined,
  { own }: { readonly own: boolean },
): Promise<FoundPlan> {
  if (nameOrPath !== undefined || (await plansHere()).length > 0) return findPlan(nameOrPath);
  if (!own) return findPlan(SAMPLE_PLAN);
  throw new WrongUsage(
    `there is no plan in this folder for what you bring: name one with --plan, or write one: ${typed('plan', 'init')}`,
  );
}

/** The path of a plan given as path or name. @throws UnknownPlan */
export async function pathOf(nameOrPath: string): Promise<string> {
  if (/[\\/]|\.ya?ml$/.test(nameOrPath)) return nameOrPath;
  const known = await namesOfPlans();
  if (!known.includes(nameOrPath)) throw new UnknownPlan(nameOrPath, known);
  return asTyped(path.join(plansFolder, `${nameOrPath}.yml`));
}

/**
 * The plan that is meant where none was named: the only one in the current folder, or else the only one of the project.
 *
 * @throws WrongUsage where there are several, or none
 */
async function onlyPlan(): Promise<string> {
  const here = await plansHere();
  const all = here.length > 0 ? here : await allPlanPaths();
  const [only, ...others] = all;
  if (only !== undefined && others.length === 0) return only;
  throw new WrongUsage(
    only === undefined
      ? 'there is no plan here, and none in plans/: name one by its path'
      : `there are several plans; name one: ${all.join(', ')}`,
  );
}

/** The YAML files of the current folder that say on a line of their own that they are plans. */
async function plansHere(): Promise<string[]> {
  const files = (await readdir('.')).filter((file) => /\.ya?ml$/.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return files.filter((_, at) => /^lifeboat\s*:/m.test(texts[at] ?? ''));
}

/** Every plan of the project. */
export async function allPlanPaths(): Promise<string[]> {
  const names = await namesOfPlans();
  return names.map((name) => asTyped(path.join(plansFolder, `${name}.yml`)));
}

async function namesOfPlans(): Promise<string[]> {
  const files = await readdir(plansFolder);
  return files
    .filter((file) => file.endsWith('.yml'))
    .map((file) => file.slice(0, -'.yml'.length))
    .sort();
}

/** Relative to the current directory, so that it can be read, clicked and pasted. */
function asTyped(absolute: string): string {
  return path.relative(process.cwd(), absolute) || absolute;
}
