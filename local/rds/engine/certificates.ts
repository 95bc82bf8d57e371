import 'reflect-metadata'; // @peculiar/x509 refuses to load without it
import { webcrypto } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** The authority of one engine. Kept in its folder: servers that start again are still trusted. */
export interface Authority {
  readonly certificate: string;
  issueServer(): Promise<KeyPair>;
  /** What a program shows to log in as this user without a password. */
  issueClient(user: string): Promise<KeyPair>;
}

const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hourMs = 3_600_000;
/** Longer than anybody keeps a rehearsal; RDS's own authorities live for 40 to 100 years. */
const lifetimeMs = 20 * 365 * 24 * hourMs;

/** The authority in the folder, made there when there is none. */
export async function openAuthority(folder: string): Promise<Authority> {
  const file = (name: string) => path.join(folder, name);
  const [certificate, key] = await Promise.all([
    readFile(file('ca.crt'), 'utf8'),
    readFile(file('ca.key'), 'utf8'),
  ]).catch(() => createAuthority(folder));
  const issuer = new x509.X509Certificate(certificate);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(key),
    curve,
    false,
    ['sign'],
  );

  const issue = async (subject: string, extensions: x509.Extension[]): Promise<KeyPair> => {
    const keys = await newKeys();
    const issued = await x509.X509CertificateGenerator.create({
      ...validity(),
      subject,
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: curve,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false),
        ...extensions,
      ],
    });
    return { certificate: issued.toString('pem'), key: await pemOf(keys.privateKey) };
  };

  return {
    certificate,
    issueServer: () =>
      issue('CN=localhost', [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        // Both names: `pg` checks "localhost" when it is given an address to connect to.
        new x509.SubjectAlternativeNameExtension([
          { type: 'ip', value: '127.0.0.1' },
          { type: 'dns', value: 'localhost' },
        ]),
      ]),
    issueClient: (user) =>
      issue(`CN=${user}`, [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])]),
  };
}

async function createAuthority(folder: string): Promise<[string, string]> {
  const keys = await newKeys();
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: 'CN=Local RDS',
    keys,
    signingAlgorithm: curve,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false),
    ],
  });
  const certificate = own.toString('pem');
  const key = await pemOf(keys.privateKey);
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(path.join(draft, 'ca.crt'), certificate);
  await writeFile(path.join(draft, 'ca.key'), key, { mode: 0o600 });
  await rename(draft, folder);
  return [certificate, key];
}

function validity() {
  // An hour of slack for a clock that is set back.
  const now = Date.now();
  return { notBefore: new Date(now - hourMs), notAfter: new Date(now + lifetimeMs) };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function newKeys() {
  return webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
}
