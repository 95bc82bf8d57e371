import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { serverUser } from 'local-postgres/server-user';
import { freePort } from 'process-kit/free-port';
import { type Login, withClient } from './admin.ts';
import { copyTree } from './backup/copy-tree.ts';
import type { Certificates } from './certificates.ts';
import { setSystemIdentifier } from './control-file.ts';
import type { Parameter } from './engine.ts';
import { type ClusterLayout, clusterLayout, type Layout } from './layout.ts';
import { makeServerFolder, writeWhole } from './ownership.ts';
import { readParameters } from './parameters.ts';
import { ADMIN, makeInternalRoles } from './roles.ts';
import { startServer } from './server.ts';
import { makeSettingsFolder, settingsFile, writeSettings } from './settings.ts';

const run = promisify(execFile);

/** A cluster without users. New clusters are copies of it, which takes a tenth of the time of `initdb`. */
export interface Template {
  readonly dataFolder: string;
  readonly parameters: readonly Parameter[];
}

/** Counted up when what a template holds changes, so that older ones are made again. */
const REVISION = 2;

/** The template in the folder, made when this version has none yet. */
export async function openTemplate(o: {
  layout: Layout;
  binaries: string;
  certificates: Certificates;
  login: Login;
}): Promise<Template> {
  const { layout, binaries } = o;
  const { stdout } = await run(path.join(binaries, 'bin', 'postgres'), ['--version']);
  const version = `${stdout.trim()}, ${REVISION}`;
  const described = path.join(layout.template, 'template.json');
  const dataFolder = path.join(layout.template, 'data');
  const found = await readFile(described, 'utf8').then(JSON.parse, () => undefined);
  if (found?.version === version) return { dataFolder, parameters: found.parameters };

  const name = `template-${randomBytes(4).toString('hex')}`;
  const draft = clusterLayout({ ...layout, clusters: layout.drafts }, name);
  const parameters = await make(draft, o);
  await writeWhole(path.join(draft.folder, 'template.json'), JSON.stringify({ version, parameters }));
  await rm(layout.template, { recursive: true, force: true });
  await rename(draft.folder, layout.template);
  return { dataFolder, parameters };
}

/**
 * A copy with a system identifier of its own. All with the same one would follow each other and take each other's WAL segments
 * without a word; so PostgreSQL itself tells them apart. Restored clusters and replicas keep their source's, as they must.
 */
export async function copyTemplate(
  template: Template,
  dataFolder: string,
  signal?: AbortSignal,
): Promise<void> {
  await makeServerFolder(dataFolder);
  await copyTree({ from: template.dataFolder, to: dataFolder, forServer: true, signal });
  await setSystemIdentifier(dataFolder, randomBytes(8).readBigUInt64LE() >> 1n);
}

async function make(
  draft: ClusterLayout,
  { binaries, certificates, login }: { binaries: string; certificates: Certificates; login: Login },
): Promise<Parameter[]> {
  await mkdir(draft.folder, { mode: 0o711 });
  await makeServerFolder(draft.data);
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  await run(
    path.join(binaries, 'bin', 'initdb'),
    // Small segments: an idle cluster archives a whole one at every interval.
    [
      '-D',
      draft.data,
      '-U',
      ADMIN,
      '--no-sync',
      '--no-instructions',
      '--wal-segsize=4',
      '--data-checksums',
      ...locale,
    ],
    { ...serverUser(), cwd: draft.data, env: { LANG: 'C', PATH: process.env.PATH } },
  );
  await makeSettingsFolder(draft, certificates);
  const port = await freePort();
  await writeSettings(draft, { port, archive: null, parameters: {}, atLeast: {} });
  const server = await startServer({
    id: 'template',
    binaries,
    dataFolder: draft.data,
    settingsFile: settingsFile(draft),
    logFile: draft.log,
  });
  try {
    return await withClient({ login, port, database: 'postgres' }, async (client) => {
      await makeInternalRoles(client);
      return readParameters(client);
    });
  } finally {
    await server.stop();
  }
}
