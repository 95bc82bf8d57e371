import type { Account } from '../../../local/account.ts';

/**
 * Calls a service of the local AWS as the account's root user, in the form of its API reference. For services where
 * the project needs a single call and no client.
 *
 * @throws the response, if it is not a success
 */
export async function callAsRoot(
  { endpoint, region, accountId }: Account,
  { service, path, type, body }: { service: string; path: string; type: string; body: string },
): Promise<void> {
  const credential = `${accountId}/20260101/${region}/${service}/aws4_request`;
  const answer = await fetch(new URL(path, endpoint), {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      'content-type': type,
    },
    body,
  });
  if (!answer.ok) throw new Error(`${service} answered ${answer.status}: ${await answer.text()}`);
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html */
export function setAlarmState(aws: Account, AlarmName: string, StateValue: 'OK' | 'ALARM'): Promise<void> {
  const wanted = { AlarmName, StateValue, StateReason: 'a test' };
  return callAsRoot(aws, {
    service: 'monitoring',
    path: '/',
    type: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({ Action: 'SetAlarmState', Version: '2010-08-01', ...wanted }).toString(),
  });
}
