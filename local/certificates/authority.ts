import 'reflect-metadata'; // @peculiar/x509 refuses to load without it
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A server's certificate and its private key, both PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority of one run: whoever trusts it trusts that run's servers and nothing else. */
export interface Authority {
  /** PEM: what a client puts in its list of trusted authorities. */
  readonly certificate: string;
  issueServer(): Promise<ServerCertificate>;
}

const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

/** A new authority. Its private key stays in this process and is never written down. */
export async function createAuthority(name: string, now = new Date()): Promise<Authority> {
  // An hour of slack for a clock that is set back, and a year because a run that is kept may be looked at later.
  const validity = {
    notBefore: new Date(now.getTime() - dayMs / 24),
    notAfter: new Date(now.getTime() + 365 * dayMs),
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

  return {
    certificate: own.toString('pem'),
    async issueServer() {
      const serverKeys = await newKeys();
      const issued = await x509.X509CertificateGenerator.create({
        ...validity,
        subject: 'CN=localhost',
        issuer: own.subject,
        publicKey: serverKeys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: curve,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          // Both names: `pg` checks "localhost" when it is given an address to connect to.
          new x509.SubjectAlternativeNameExtension([
            { type: 'ip', value: '127.0.0.1' },
            { type: 'dns', value: 'localhost' },
          ]),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey, false),
        ],
      });
      const key = await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey);
      return { certificate: issued.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
    },
  };
}

function newKeys() {
  return webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']);
}
