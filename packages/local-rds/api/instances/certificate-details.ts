import type { CertificateDetails } from '@aws-sdk/client-rds';
import { Fault } from '../../protocol/fault.ts';

export const DEFAULT_CA = 'rds-ca-rsa2048-g1';

/** Authorities of RDS, and until when each is valid. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html */
const VALID_TILL: Readonly<Record<string, string>> = {
  [DEFAULT_CA]: '2061-05-25T00:00:00Z',
  'rds-ca-rsa4096-g1': '2121-05-25T00:00:00Z',
  'rds-ca-ecc384-g1': '2121-05-25T00:00:00Z',
};

/** Throws CertificateNotFoundFault for an authority that RDS does not have. */
export function checkCertificate(name: string | undefined): void {
  if (name === undefined || Object.hasOwn(VALID_TILL, name)) return;
  throw new Fault('CertificateNotFoundFault', `The specified CA ${name} was not found.`);
}

/** What the API shows of an instance's certificate. */
export function certificateDetails(name: string = DEFAULT_CA): CertificateDetails {
  return { CAIdentifier: name, ValidTill: new Date(VALID_TILL[name] ?? VALID_TILL[DEFAULT_CA] ?? '') };
}
