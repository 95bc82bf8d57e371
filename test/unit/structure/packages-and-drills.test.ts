import { glob, readFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';

/* Packages are products of their own, and only the drill command loads drills. */

interface Import {
  readonly from: string;
  /** A path in this project, or the name of a package. */
  readonly to: string;
  readonly dynamic: boolean;
}

const IMPORT = /(?:^import\s+(?:[^'";]*\sfrom\s+)?|^export\s[^'";]*\sfrom\s+|(\bimport)\()'([^']+)'/gm;

async function importsOf(folder: string): Promise<Import[]> {
  const found: Import[] = [];
  for await (const file of glob(`${folder}/**/*.{ts,js}`, {
    exclude: (name) => /^(node_modules|\..+)$/.test(name),
  })) {
    for (const [, dynamic, target = ''] of (await readFile(file, 'utf8')).matchAll(IMPORT)) {
      const to = target.startsWith('.') ? path.join(path.dirname(file), target) : target;
      found.push({ from: file, to, dynamic: dynamic !== undefined });
    }
  }
  return found;
}

const isBuiltin = (name: string) => name.startsWith('node:') || builtinModules.includes(name);
const packageNamed = (name: string) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

test('a package imports its own files and the packages that it lists', async () => {
  const names: string[] = [];
  for await (const folder of glob('packages/*/package.json')) names.push(path.dirname(folder));
  expect(names).toContain('packages/local-rds');
  for (const folder of names) {
    const listed = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
    const known = Object.keys({ ...listed.dependencies, ...listed.devDependencies });
    const imports = await importsOf(folder);
    const strangers = imports.filter(
      ({ to }) => !isBuiltin(to) && !to.startsWith(`${folder}/`) && !known.includes(packageNamed(to)),
    );
    expect({ folder, strangers }).toEqual({ folder, strangers: [] });
  }
});

test('the CLI loads drills in the drill command alone, when it is called', async () => {
  const imports = [
    ...(await importsOf('cli')),
    ...(await importsOf('local')),
    ...(await importsOf('shared')),
  ];
  const drills = imports.filter(({ to }) => to.startsWith('drills/'));
  expect(drills.length).toBeGreaterThan(0);
  expect(new Set(drills.map(({ from }) => from))).toEqual(new Set(['cli/commands/drill.ts']));
  expect(drills.every(({ dynamic }) => dynamic)).toBe(true);
});

test.each(['shared', 'functions', 'resources', 'state-machines'])(
  '%s knows neither packages nor drills nor the local AWS',
  async (folder) => {
    const local =
      /^(local|drills|cli|packages)\/|^(process-kit|local-rds|local-postgres|certificate-authority|pinned-python)(\/|$)/;
    expect((await importsOf(folder)).filter(({ to }) => local.test(to))).toEqual([]);
  },
);
