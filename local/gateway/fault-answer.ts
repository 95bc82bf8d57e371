import type { ServerResponse } from 'node:http';
import type { SignedRequest } from './iam-actions.ts';

/** An AWS error in the request's protocol, so that the SDK throws it under its name. */
export function answerWithFault(
  response: ServerResponse,
  request: SignedRequest,
  { status, code, message }: { status: number; code: string; message: string },
): void {
  const id = 'made-by-the-gateway';
  const form = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  if (request.scope.service === 's3') {
    const xml = `<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${id}</RequestId></Error>`;
    response.writeHead(status, { 'content-type': 'application/xml' }).end(xml);
  } else if (form || request.scope.service === 'route53') {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
    const xml = `<ErrorResponse>${error}<RequestId>${id}</RequestId></ErrorResponse>`;
    response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
  } else {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code };
    response.writeHead(status, headers).end(JSON.stringify({ __type: code, message }));
  }
}
