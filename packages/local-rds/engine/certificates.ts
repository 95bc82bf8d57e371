import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { ADMIN, REPLICATOR } from './roles.ts';

const run = promisify(execFile);

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** The certificates of one engine. Kept in its folder: servers that start again are still trusted. */
export interface Certificates {
  /** PEM of the authority that signed the others: who trusts it trusts this engine's servers and nothing else. */
  readonly ca: string;
  /** All servers have the same address, and so the same certificate. */
  readonly server: KeyPair;
  /** What the internal users show instead of a password. */
  readonly admin: KeyPair;
  readonly replicator: KeyPair;
}

/** The certificates in the folder, made on first use. */
export async function openCertificates(folder: string): Promise<Certificates> {
  const there = await stat(folder).catch(() => undefined);
  if (!there) await run(process.execPath, [path.join(import.meta.dirname, 'make-certificates.ts'), folder]);
  const read = (name: string) => readFile(path.join(folder, name), 'utf8');
  const pair = async (name: string) => {
    const [certificate, key] = await Promise.all([read(`${name}.crt`), read(`${name}.key`)]);
    return { certificate, key };
  };
  return {
    ca: await read('ca.crt'),
    server: await pair('server'),
    admin: await pair(ADMIN),
    replicator: await pair(REPLICATOR),
  };
}
