import { chmod, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { serverUser } from 'local-postgres/server-user';
import { isReachableByOthers } from 'process-kit/reachable';

/** Where the engine keeps what. */
export interface Layout {
  readonly folder: string;
  readonly owner: string;
  readonly certificates: string;
  readonly template: string;
  /** Where servers look for extensions before they look among PostgreSQL's own. */
  readonly extensions: string;
  readonly clusters: string;
  readonly archives: string;
  /** What is being made elsewhere than in its final place; emptied at every start. */
  readonly drafts: string;
}

/** Where one cluster keeps what. */
export interface ClusterLayout {
  readonly folder: string;
  readonly record: string;
  readonly data: string;
  /** Settings and certificates lie beside the data, so that no copy of the data carries them along. */
  readonly settings: string;
  readonly log: string;
  /** A link to the archive that a restore reads: commands that PostgreSQL runs need no path with odd characters then. */
  readonly restoreFrom: string;
  readonly extensions: string;
}

/** The servers' user cannot reach the folder. */
export class FolderNotReachable extends Error {
  override readonly name = 'FolderNotReachable';

  constructor(folder: string) {
    super(
      `PostgreSQL does not run as root, and the user it runs as cannot reach ${folder}. ` +
        'Expected: a folder whose every parent may be passed through (mode 0711 is enough). Choose another one, below /tmp for instance.',
    );
  }
}

export function layoutOf(folder: string): Layout {
  const at = (name: string) => path.join(folder, name);
  return {
    folder,
    owner: at('owner.json'),
    certificates: at('certificates'),
    template: at('template'),
    extensions: at('extensions'),
    clusters: at('clusters'),
    archives: at('archives'),
    drafts: at('drafts'),
  };
}

export function clusterLayout(layout: Layout, id: string): ClusterLayout {
  const folder = path.join(layout.clusters, id);
  return {
    folder,
    record: path.join(folder, 'cluster.json'),
    data: path.join(folder, 'data'),
    settings: path.join(folder, 'settings'),
    log: path.join(folder, 'postgres.log'),
    restoreFrom: path.join(folder, 'restore-from'),
    extensions: layout.extensions,
  };
}

/** 0711 all the way: the servers' user must pass through, and other users need not list it. Throws FolderNotReachable. */
export async function makeFolders(layout: Layout): Promise<void> {
  for (const folder of [layout.folder, layout.clusters, layout.archives, layout.drafts]) {
    await mkdir(folder, { recursive: true, mode: 0o711 });
    await chmod(folder, 0o711);
  }
  if (serverUser() && !(await isReachableByOthers(layout.folder)))
    throw new FolderNotReachable(layout.folder);
}
