import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createAuthority, type KeyPair } from 'certificate-authority';
import { ADMIN, REPLICATOR } from './roles.ts';

/**
 * Makes the certificates of an engine in the folder named by the first argument, all or none. A program of its own: its libraries
 * would take a sixth of the memory of the program that runs the clusters, for work done once.
 */
const yearMs = 365 * 24 * 3_600_000;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new TypeError('No folder was named. Expected: one that does not exist yet.');
// RDS's own authorities live for 40 to 100 years. The key of this one is not kept: it signs nothing else.
const authority = await createAuthority('Local RDS', { lifetimeMs: 20 * yearMs });

const draft = `${folder}.new`;
await rm(draft, { recursive: true, force: true });
await mkdir(draft, { mode: 0o700 });
await write('ca.crt', authority.certificate);
await writePair('server', await authority.issueServer());
for (const user of [ADMIN, REPLICATOR]) await writePair(user, await authority.issueClient(user));
await rename(draft, folder);

async function writePair(name: string, { certificate, key }: KeyPair): Promise<void> {
  await write(`${name}.crt`, certificate);
  await write(`${name}.key`, key);
}

function write(name: string, text: string): Promise<void> {
  return writeFile(path.join(draft, name), text, { mode: 0o600 });
}
