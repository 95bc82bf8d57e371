import 'reflect-metadata'; // @peculiar/x509 refuses to load without it
import { createSign, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import * as x509 from '@peculiar/x509';
import { createAuthority } from 'certificate-authority';

/** What SNS does with its messages: a key, its certificate on a server with TLS, and signatures by that key. */
export interface Signing {
  /** Host and port of the server. */
  readonly host: string;
  readonly certificateUrl: string;
  /** How often the certificate was fetched. */
  fetched(): number;
  /** Signs a message as SNS does: the fields that it signs, in their order. */
  sign(message: Readonly<Record<string, string>>, version: '1' | '2'): Record<string, string>;
  /** The server answers as long as this is not set. */
  trouble(what: 'closed' | 'not found' | 'no certificate' | 'silent' | null): void;
  stop(): Promise<void>;
}

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
};

const SIGNED = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

/** Starts it. As long as it runs, this process trusts its server, unless told otherwise: the library uses the agent of all. */
export async function startSigning({ trusted = true } = {}): Promise<Signing> {
  const keys = await webcrypto.subtle.generateKey(RSA, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=sns.amazonaws.com',
    keys,
    signingAlgorithm: RSA,
  });
  const exported = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const privateKey = x509.PemConverter.encode(exported, 'PRIVATE KEY');

  const authority = await createAuthority('a test of signatures');
  let trouble: Parameters<Signing['trouble']>[0] = null;
  let fetched = 0;
  const { certificate: cert, key } = await authority.issueServer();
  const server = https.createServer({ cert, key }, (_, response) => {
    fetched += 1;
    if (trouble === 'closed') response.destroy();
    else if (trouble === 'not found') response.writeHead(404).end();
    else if (trouble === 'no certificate') response.end('<html>');
    else if (trouble === null) response.end(certificate.toString('pem'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const { ca } = https.globalAgent.options;
  if (trusted) https.globalAgent.options.ca = authority.certificate;

  return {
    host,
    certificateUrl: `https://${host}/SimpleNotificationService-1.pem`,
    fetched: () => fetched,
    sign(message, version) {
      const signing = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256');
      for (const name of SIGNED)
        if (message[name] !== undefined) signing.update(`${name}\n${message[name]}\n`);
      return { ...message, SignatureVersion: version, Signature: signing.sign(privateKey, 'base64') };
    },
    trouble(what) {
      trouble = what;
    },
    async stop() {
      if (trusted) https.globalAgent.options.ca = ca;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
