import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { readLambdas } from '../resources/capabilities.ts';
import { parsePlan, planVersion } from '../shared/plan/load.ts';

/**
 * Bundles every function of `functions/` into its own folder, with the plan beside it. Code and plan are thus deployed
 * together. Nothing is downloaded: packaging works offline.
 */
const projectFolder = path.resolve(import.meta.dirname, '..');

/**
 * Minified ESM: one main file, and one file for each part that is loaded on demand.
 * `require` is defined for the packages that still call it.
 */
const OPTIONS: BuildOptions = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  // pg imports its native binding and Cloudflare's sockets only on demand; neither is used.
  external: ['pg-native', 'pg-cloudflare'],
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  legalComments: 'none',
  logLevel: 'warning',
};

export async function bundle({
  planPath,
  outFolder,
}: {
  planPath: string;
  outFolder: string;
}): Promise<void> {
  const planText = await readFile(planPath, 'utf8');
  const deployed = JSON.stringify({ plan: parsePlan(planText, planPath), version: planVersion(planText) });
  await Promise.all(
    readLambdas().map(async ({ name, capability }) => {
      const folder = path.join(outFolder, name);
      await rm(folder, { recursive: true, force: true }); // parts are named by content hash: old ones would be deployed too
      await mkdir(folder, { recursive: true });
      await Promise.all([
        build({
          ...OPTIONS,
          entryPoints: { index: path.join(projectFolder, 'functions', capability, `${name}.ts`) },
          outdir: folder,
          outExtension: { '.js': '.mjs' },
          splitting: true,
          plugins: [workers(folder)],
        }),
        writeFile(path.join(folder, 'plan.json'), deployed),
      ]);
    }),
  );
}

/**
 * esbuild does not follow the file named by `new Worker(new URL('./name.ts', import.meta.url))`. It is bundled here as
 * `name.mjs`, and the URL is rewritten to match. Files that pg_dump loads from its own folder are copied too.
 */
function workers(folder: string): Plugin {
  const WORKER = /new Worker\(new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\)/g;
  return {
    name: 'workers',
    setup({ onLoad }) {
      onLoad({ filter: /shared\/.*\.ts$/ }, async ({ path: file }) => {
        const source = await readFile(file, 'utf8');
        const names = [...source.matchAll(WORKER)].map((match) => match[1] ?? '');
        if (names.length === 0) return undefined;
        await Promise.all(
          names.map((name) =>
            build({
              ...OPTIONS,
              entryPoints: [path.join(path.dirname(file), `${name}.ts`)],
              outfile: path.join(folder, `${name}.mjs`),
            }),
          ),
        );
        const wasm = createRequire(import.meta.url)
          .resolve('@electric-sql/pglite-tools/pg_dump')
          .replace(/pg_dump\.\w+$/, 'pg_dump.wasm');
        await copyFile(wasm, path.join(folder, 'pg_dump.wasm'));
        return {
          contents: source.replace(WORKER, "new Worker(new URL('./$1.mjs', import.meta.url)"),
          loader: 'ts',
        };
      });
    },
  };
}

if (import.meta.main) {
  const planPath = process.env.LIFEBOAT_PLAN ?? path.join(projectFolder, 'plans', 'mailblast.yml');
  const outFolder = process.argv[2] ?? path.join(projectFolder, 'dist');
  await bundle({ planPath, outFolder });
}
