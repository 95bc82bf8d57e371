import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { Plan } from '../shared/plan/schema.ts';

const projectFolder = path.resolve(import.meta.dirname, '..');
const entry = path.join(import.meta.dirname, 'lifeboat.js');

/**
 * A command as it can be typed from where the person stands: `npx lifeboat status mailblast` inside the project, where npx
 * finds its own program. Elsewhere npx would ask the public registry, so the program's path is named.
 */
export function typed(...args: readonly string[]): string {
  const program = isInsideProject(process.cwd()) ? 'npx lifeboat' : `node ${inShell(shortest(entry))}`;
  return [program, ...args.map(inShell)].join(' ');
}

/** An argument as a shell of POSIX reads it. */
export function inShell(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

/** npx takes the nearest folder with a package.json, or the root of its workspaces. */
function isInsideProject(folder: string): boolean {
  for (let at = realpathSync(folder); ; at = path.dirname(at)) {
    if (at === projectFolder) return true;
    if (at === path.dirname(at)) return false;
    if (isForeignPackage(at)) return false;
  }
}

function isForeignPackage(folder: string): boolean {
  const file = path.join(folder, 'package.json');
  if (existsSync(path.join(folder, 'node_modules'))) return !existsSync(file) || !isWorkspace(folder);
  return existsSync(file) && !isWorkspace(folder);
}

/** One of the project's own packages: npx looks at the root for it. */
function isWorkspace(folder: string): boolean {
  const { workspaces = [] } = JSON.parse(readFileSync(path.join(projectFolder, 'package.json'), 'utf8')) as {
    workspaces?: string[];
  };
  const own = path.relative(projectFolder, folder);
  return workspaces.some((pattern) => path.matchesGlob(own, pattern));
}

function shortest(absolute: string): string {
  const relative = path.relative(process.cwd(), absolute);
  return relative.length < absolute.length ? relative : absolute;
}

/** How a command names the deployment again: its stage, and its Region where that is not the primary one. */
export function typedWhere({
  stage,
  region,
  plan,
}: {
  readonly stage: string;
  readonly region: string;
  readonly plan: Plan;
}): string[] {
  return ['--stage', stage, ...(region === plan.regions.standby ? ['--region', 'standby'] : [])];
}
