import type { IncomingMessage } from 'node:http';

/** The caller and service of a signed request. */
export interface Scope {
  readonly accessKey: string;
  readonly region: string;
  readonly service: string;
}

const credential = /Credential=([^/\s,]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** Reads the SigV4 scope from the header or, for a presigned URL, from the query. Undefined when unsigned. */
export function scopeOf(request: Pick<IncomingMessage, 'headers'>, url: URL): Scope | undefined {
  const presigned = url.searchParams.get('X-Amz-Credential');
  const text = presigned ? `Credential=${presigned}` : (request.headers.authorization ?? '');
  const [, accessKey, region, service] = credential.exec(text) ?? [];
  return accessKey && region && service ? { accessKey, region, service } : undefined;
}
