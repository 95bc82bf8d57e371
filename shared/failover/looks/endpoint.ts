import http from 'node:http';
import https from 'node:https';
import { codeOf, type Finding, failing, findingOfNetwork, healthy, silent, unknown } from './look.ts';

/** A slow answer over a far network is an answer. https://github.com/patroni/patroni/issues/3550 */
const ANSWER_MS = 10_000;

/**
 * Asks an HTTP endpoint. Only the status counts: the body is not read, and a redirect is a status like any other, because what it
 * points to may be another Region.
 *
 * @param answerMs time for the whole exchange, from the look-up of the name to the head of the response
 */
export async function lookAtEndpoint(
  { url: address, status: expected }: { url: string; status: number },
  answerMs = ANSWER_MS,
): Promise<Finding> {
  const url = new URL(address);
  const limit = AbortSignal.timeout(answerMs);
  return new Promise((resolve) => {
    const client = url.protocol === 'https:' ? https : http;
    const request = client.get(
      url,
      // A connection of its own for each look: one that is kept alive may outlive the way that it was made over.
      { agent: false, signal: limit, headers: { 'user-agent': 'Lifeboat watch-primary' } },
      (response) => {
        const { statusCode = 0, headers } = response;
        response.destroy();
        resolve(findingOf(url, statusCode, headers.location, expected));
      },
    );
    request.once('error', (error) => {
      if (limit.aborted) return resolve(silent(`${url.host} did not answer within ${answerMs / 1000} s`));
      const code = codeOf(error);
      resolve(
        findingOfNetwork(code, url.host) ??
          unknown(`${url.host} could not be asked: ${code || error.message}`),
      );
    });
  });
}

function findingOf(url: URL, status: number, location: string | undefined, expected: number): Finding {
  if (status === expected) return healthy(`${url.host} answered ${status}`);
  const elsewhere =
    location !== undefined && URL.canParse(location, url.href)
      ? ` and points to ${new URL(location, url).host}: redirects are not followed`
      : '';
  return failing(`${url.host} answered ${status}, not ${expected}${elsewhere}`);
}
