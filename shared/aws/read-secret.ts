import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { TargetMisconfigured } from '../delivery/target.ts';

/** Asking again changes nothing. Other errors are the moment's, and are thrown as they are. */
const PERMANENT = new Set([
  'AccessDeniedException',
  'DecryptionFailure',
  'InvalidParameterException',
  'InvalidRequestException',
  'ResourceNotFoundException',
]);

/**
 * Reads the text of a secret that says where a target is.
 *
 * @throws TargetMisconfigured naming the secret, where asking again would change nothing
 */
export async function readSecret(secrets: SecretsManagerClient, name: string): Promise<string> {
  let answer: { SecretString?: string | undefined };
  try {
    answer = await secrets.send(new GetSecretValueCommand({ SecretId: name }));
  } catch (cause) {
    if (!(cause instanceof Error && PERMANENT.has(cause.name))) throw cause;
    throw new TargetMisconfigured(
      `secret "${name}" cannot be read (${cause.name}: ${cause.message}): create it in this Region, and let the role of the function read it`,
      { cause },
    );
  }
  if (!answer.SecretString) throw new TargetMisconfigured(`secret "${name}" has no text value`);
  return answer.SecretString;
}
