import type { IncomingHttpHeaders } from 'node:http';
import { Fault } from './protocol/fault.ts';

/** What a signed request says of itself: who signed it, and for where. */
export interface SigningScope {
  readonly accessKey: string;
  readonly region: string;
}

const header = /^AWS4-HMAC-SHA256\s+Credential=([^/\s,]+)\/(\d{8})\/([^/\s,]+)\/([^/\s,]+)\/aws4_request\s*,/;

/**
 * The scope of a request's signature (Signature Version 4). Whether the signature itself is right is not looked at: this
 * service knows no secrets. Throws the fault of a request that is unsigned, or signed for something else.
 */
export function signingScope(headers: IncomingHttpHeaders, regions: ReadonlySet<string>): SigningScope {
  const { authorization } = headers;
  if (authorization === undefined)
    throw new Fault('MissingAuthenticationToken', 'Request is missing Authentication Token');
  const [, accessKey, , region, service] = header.exec(authorization) ?? [];
  if (
    !accessKey ||
    !region ||
    !/Signature=[0-9a-f]{64}/.test(authorization) ||
    !/SignedHeaders=[^,\s]+/.test(authorization)
  ) {
    throw new Fault(
      'IncompleteSignature',
      "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' of AWS4-HMAC-SHA256.",
    );
  }
  if (service !== 'rds')
    throw new Fault('SignatureDoesNotMatch', "Credential should be scoped to correct service: 'rds'.");
  if (!regions.has(region))
    throw new Fault(
      'SignatureDoesNotMatch',
      `Credential should be scoped to a valid Region, not '${region}'.`,
    );
  return { accessKey, region };
}
