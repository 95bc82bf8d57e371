import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { workFolder } from '../../../local/folders.ts';

/** The fixture, bundled into a folder of its own, ready to deploy. */
export async function buildService(): Promise<{ directory: string; remove(): Promise<void> }> {
  await mkdir(workFolder, { recursive: true });
  const directory = await mkdtemp(path.join(workFolder, 'test-service-'));
  await copyFile(path.join(import.meta.dirname, 'serverless.yml'), path.join(directory, 'serverless.yml'));
  await build({
    entryPoints: [path.join(import.meta.dirname, 'functions', 'probe.ts')],
    outfile: path.join(directory, 'bundle', 'probe.mjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
