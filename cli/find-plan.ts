import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { LifeboatError } from '../shared/errors/lifeboat-error.ts';
import { loadPlan } from '../shared/plan/load.ts';
import { closestSpelling } from '../shared/plan/mistake.ts';
import type { Plan } from '../shared/plan/schema.ts';

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
 * Reads a plan by its path, or by the name of a file in `plans/`.
 *
 * @throws UnknownPlan, PlanUnreadable, PlanInvalid
 */
export async function findPlan(nameOrPath: string): Promise<FoundPlan> {
  const planPath = await pathOf(nameOrPath);
  return { plan: await loadPlan(planPath), path: planPath };
}

/** The path of a plan given as path or name. @throws UnknownPlan */
export async function pathOf(nameOrPath: string): Promise<string> {
  if (/[\\/]|\.ya?ml$/.test(nameOrPath)) return nameOrPath;
  const known = await namesOfPlans();
  if (!known.includes(nameOrPath)) throw new UnknownPlan(nameOrPath, known);
  return shown(path.join(plansFolder, `${nameOrPath}.yml`));
}

/** Every plan of the project. */
export async function allPlanPaths(): Promise<string[]> {
  const names = await namesOfPlans();
  return names.map((name) => shown(path.join(plansFolder, `${name}.yml`)));
}

async function namesOfPlans(): Promise<string[]> {
  const files = await readdir(plansFolder);
  return files
    .filter((file) => file.endsWith('.yml'))
    .map((file) => file.slice(0, -'.yml'.length))
    .sort();
}

/** Relative to the current directory, so that it can be read, clicked and pasted. */
function shown(absolute: string): string {
  return path.relative(process.cwd(), absolute) || absolute;
}
