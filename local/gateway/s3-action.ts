/**
 * The IAM actions of an S3 request, from its method, path and query. Source: the table "Actions, resources, and condition
 * keys for Amazon S3" of the Service Authorization Reference. IAM's names differ from the API's: a multipart upload
 * is `s3:PutObject`, HeadObject is `s3:GetObject`, ListObjectsV2 is `s3:ListBucket`.
 */
export function s3Actions(
  method: string,
  url: URL,
  headers: Record<string, string | string[] | undefined>,
): string[] | undefined {
  const { key, bucket } = s3Target(url);
  if (bucket === undefined) return method === 'GET' ? ['s3:ListAllMyBuckets'] : undefined;
  const query = url.searchParams;
  const actions = key === undefined ? bucketAction(method, query) : objectAction(method, query);
  if (actions === undefined) return undefined;
  const also: string[] = [];
  if (headers['x-amz-bypass-governance-retention'] === 'true') also.push('BypassGovernanceRetention');
  if (key !== undefined && method === 'PUT') also.push(...alongsidePut(headers));
  return [actions, ...also].map((action) => `s3:${action}`);
}

/** Path style, which the SDKs use by default when the endpoint is an IP address. */
export function s3Target(url: URL): { bucket: string | undefined; key: string | undefined } {
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(url.pathname) ?? [];
  return { bucket: bucket || undefined, key: key || undefined };
}

type ByMethod = Readonly<Record<string, string>>;

const bucketSubresources: Readonly<Record<string, ByMethod>> = {
  uploads: { GET: 'ListBucketMultipartUploads' },
  versions: { GET: 'ListBucketVersions' },
  delete: { POST: 'DeleteObject' },
  location: { GET: 'GetBucketLocation' },
  'object-lock': { GET: 'GetBucketObjectLockConfiguration', PUT: 'PutBucketObjectLockConfiguration' },
  versioning: { GET: 'GetBucketVersioning', PUT: 'PutBucketVersioning' },
  encryption: readWrite('EncryptionConfiguration'),
  lifecycle: readWrite('LifecycleConfiguration'),
  replication: readWrite('ReplicationConfiguration'),
  publicAccessBlock: readWrite('BucketPublicAccessBlock'),
  ownershipControls: readWrite('BucketOwnershipControls'),
  tagging: readWrite('BucketTagging'),
  policy: { GET: 'GetBucketPolicy', PUT: 'PutBucketPolicy', DELETE: 'DeleteBucketPolicy' },
  policyStatus: { GET: 'GetBucketPolicyStatus' },
  acl: { GET: 'GetBucketAcl', PUT: 'PutBucketAcl' },
  notification: { GET: 'GetBucketNotification', PUT: 'PutBucketNotification' },
  accelerate: { GET: 'GetAccelerateConfiguration', PUT: 'PutAccelerateConfiguration' },
};

const bucketItself: ByMethod = {
  GET: 'ListBucket',
  HEAD: 'ListBucket',
  PUT: 'CreateBucket',
  DELETE: 'DeleteBucket',
};

const objectSubresources: Readonly<Record<string, ByMethod>> = {
  uploads: { POST: 'PutObject' },
  uploadId: {
    PUT: 'PutObject',
    POST: 'PutObject',
    GET: 'ListMultipartUploadParts',
    DELETE: 'AbortMultipartUpload',
  },
  retention: { GET: 'GetObjectRetention', PUT: 'PutObjectRetention' },
  'legal-hold': { GET: 'GetObjectLegalHold', PUT: 'PutObjectLegalHold' },
  tagging: { GET: 'GetObjectTagging', PUT: 'PutObjectTagging', DELETE: 'DeleteObjectTagging' },
  acl: { GET: 'GetObjectAcl', PUT: 'PutObjectAcl' },
  attributes: { GET: 'GetObjectAttributes' },
  restore: { POST: 'RestoreObject' },
};

const objectItself: ByMethod = {
  GET: 'GetObject',
  HEAD: 'GetObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};

/** The actions with a second name for requests that name a version. Retention and legal hold have none. */
const ofVersion: ByMethod = {
  GetObject: 'GetObjectVersion',
  DeleteObject: 'DeleteObjectVersion',
  GetObjectAttributes: 'GetObjectVersionAttributes',
  GetObjectTagging: 'GetObjectVersionTagging',
  PutObjectTagging: 'PutObjectVersionTagging',
  DeleteObjectTagging: 'DeleteObjectVersionTagging',
  GetObjectAcl: 'GetObjectVersionAcl',
  PutObjectAcl: 'PutObjectVersionAcl',
};

function bucketAction(method: string, query: URLSearchParams): string | undefined {
  const subresource = Object.keys(bucketSubresources).find((name) => query.has(name));
  return subresource ? bucketSubresources[subresource]?.[method] : bucketItself[method];
}

function objectAction(method: string, query: URLSearchParams): string | undefined {
  const subresource = Object.keys(objectSubresources).find((name) => query.has(name));
  const action = subresource ? objectSubresources[subresource]?.[method] : objectItself[method];
  return action && query.has('versionId') ? (ofVersion[action] ?? action) : action;
}

/** The other permissions for writing an object: reading a copy's source, and setting what its headers set. */
function alongsidePut(headers: Record<string, string | string[] | undefined>): string[] {
  const also: string[] = [];
  const source = headers['x-amz-copy-source'];
  if (source !== undefined)
    also.push(String(source).includes('versionId=') ? 'GetObjectVersion' : 'GetObject');
  if (headers['x-amz-object-lock-mode'] !== undefined) also.push('PutObjectRetention');
  if (headers['x-amz-object-lock-legal-hold'] !== undefined) also.push('PutObjectLegalHold');
  if (headers['x-amz-tagging'] !== undefined) also.push('PutObjectTagging');
  return also;
}

function readWrite(what: string): ByMethod {
  return { GET: `Get${what}`, PUT: `Put${what}`, DELETE: `Put${what}` }; // IAM has no Delete for these
}
