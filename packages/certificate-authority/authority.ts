import 'reflect-metadata'; // @peculiar/x509 refuses to load without it
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** An authority of one program: a client that trusts it trusts the servers of that program and nothing else. */
export interface Authority {
  /** PEM: what a client puts in its list of trusted authorities. */
  readonly certificate: string;
  /** For a server of this machine, by its name (localhost) and its address (127.0.0.1). */
  issueServer(): Promise<KeyPair>;
  /** For a client that shows a certificate instead of a password. */
  issueClient(commonName: string): Promise<KeyPair>;
}

const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

/**
 * A new authority. Its private key stays in this process and is never written down.
 *
 * @param lifetimeMs of the authority and of all that it issues: a year unless told otherwise
 */
export async function createAuthority(
  name: string,
  { now = new Date(), lifetimeMs = yearMs }: { now?: Date; lifetimeMs?: number } = {},
): Promise<Authority> {
  const validity = {
    notBefore: new Date(now.getTime() - hourMs), // slack for a clock that is set back
    notAfter: new Date(now.getTime() + lifetimeMs),
  };
  const keys = await newKeys();
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: `CN=${name}`,
    keys,
    signingAlgorithm: curve,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false),
    ],
  });

  async function issue(commonName: string, extensions: readonly x509.Extension[]): Promise<KeyPair> {
    const { publicKey, privateKey } = await newKeys();
    const issued = await x509.X509CertificateGenerator.create({
      ...validity,
      subject: `CN=${commonName}`,
      issuer: own.subject,
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: curve,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey, false),
        ...extensions,
      ],
    });
    const key = await webcrypto.subtle.exportKey('pkcs8', privateKey);
    return { certificate: issued.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
  }

  return {
    certificate: own.toString('pem'),
    issueServer: () =>
      issue('localhost', [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        // Both names: `pg` checks "localhost" when it is given an address to connect to.
        new x509.SubjectAlternativeNameExtension([
          { type: 'ip', value: '127.0.0.1' },
          { type: 'dns', value: 'localhost' },
        ]),
      ]),
    issueClient: (commonName) =>
      issue(commonName, [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])]),
  };
}

function newKeys() {
  return webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
}
