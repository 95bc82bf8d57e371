import { Fault } from '../protocol/fault.ts';
import type { Scope } from '../state/collection.ts';
import type { Call, Service } from './service.ts';

/** The ARN of a key that can be used in the request's Region. Throws KMSKeyNotAccessibleFault. */
export function usableKey(call: Call, reference: string): Promise<string> {
  return usableKeyIn(call.service, call, reference);
}

/** The same in another Region. */
export async function usableKeyIn(service: Service, scope: Scope, reference: string): Promise<string> {
  const key = await service.keys.find(reference, scope);
  if (!key) throw inaccessible(reference, `there is no such key in ${scope.region}`);
  if (!key.enabled) throw inaccessible(reference, 'it is not enabled');
  return key.arn;
}

const inaccessible = (reference: string, why: string) =>
  new Fault(
    'KMSKeyNotAccessibleFault',
    `The specified KMS key [${reference}] cannot be used: ${why}, or you do not have permission to access it.`,
  );
