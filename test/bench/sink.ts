import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that takes what S3 takes and keeps nothing but the sizes: it shows what the sender can do. */
export interface Sink {
  readonly endpoint: string;
  /** Bytes of bodies received since the last call. */
  received(): number;
  close(): void;
}

/** Answers PutObject, multipart uploads and an empty listing, as far as a backup asks for them. */
export async function startSink(): Promise<Sink> {
  let bytes = 0;
  const server = http.createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => {
      const { searchParams } = new URL(request.url ?? '/', 'http://sink');
      response.setHeader('x-amz-version-id', 'v1');
      response.setHeader('etag', '"e"');
      if (request.method === 'GET')
        response.end('<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>');
      else if (searchParams.has('uploads'))
        response.end('<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>');
      else if (request.method === 'POST')
        response.end('<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>');
      else response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    received() {
      const now = bytes;
      bytes = 0;
      return now;
    },
    close: () => void server.close(),
  };
}
