import 'reflect-metadata'; // @peculiar/x509 refuses to load without it
import { webcrypto } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import { ADMIN, REPLICATOR } from './roles.ts';

/**
 * Makes the certificates of an engine in the folder named by the first argument, all or none. A program of its own, because what
 * it loads would take a sixth of the memory of the one that runs the clusters, for work done once.
 */
const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hourMs = 3_600_000;
/** Longer than anybody keeps a rehearsal; RDS's own authorities live for 40 to 100 years. */
const lifetimeMs = 20 * 365 * 24 * hourMs;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new TypeError('No folder was named. Expected: one that does not exist yet.');
const now = Date.now();
// An hour of slack for a clock that is set back.
const validity = { notBefore: new Date(now - hourMs), notAfter: new Date(now + lifetimeMs) };
const authorityKeys = await newKeys();
const authority = await x509.X509CertificateGenerator.createSelfSigned({
  ...validity,
  name: 'CN=Local RDS',
  keys: authorityKeys,
  signingAlgorithm: curve,
  extensions: [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey, false),
  ],
});

const draft = `${folder}.new`;
await rm(draft, { recursive: true, force: true });
await mkdir(draft, { mode: 0o700 });
await write('ca.crt', authority.toString('pem'));
await issue('server', 'CN=localhost', [
  new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
  // Both names: `pg` checks "localhost" when it is given an address to connect to.
  new x509.SubjectAlternativeNameExtension([
    { type: 'ip', value: '127.0.0.1' },
    { type: 'dns', value: 'localhost' },
  ]),
]);
for (const user of [ADMIN, REPLICATOR]) {
  await issue(user, `CN=${user}`, [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])]);
}
await rename(draft, folder);

/** The authority's own key is not kept: nothing else will ever be signed. */
async function issue(name: string, subject: string, extensions: x509.Extension[]): Promise<void> {
  const keys = await newKeys();
  const issued = await x509.X509CertificateGenerator.create({
    ...validity,
    subject,
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: curve,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey, false),
      ...extensions,
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  await write(`${name}.crt`, issued.toString('pem'));
  await write(`${name}.key`, x509.PemConverter.encode(key, 'PRIVATE KEY'));
}

function write(name: string, text: string): Promise<void> {
  return writeFile(path.join(draft, name), text, { mode: 0o600 });
}

function newKeys() {
  return webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
}
