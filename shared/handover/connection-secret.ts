import { createHash } from 'node:crypto';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  InvalidRequestException,
  ResourceExistsException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SecretUnavailable } from '../aws/read-secret.ts';
import { classifyServiceError } from '../aws/service-error.ts';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { ConnectionKeeper } from './restored-database.ts';

/** The connection details could not be kept. The database has its name, and nobody has its password: run it again. */
export class ConnectionNotKept extends LifeboatError {
  override readonly name = 'ConnectionNotKept';
  override readonly kind = 'incomplete';
}

/** Under which Lifeboat keeps the connection details of the databases that a workload restored. */
export const connectionSecrets = (workload: string) => `lifeboat/${workload}/restored/`;

/** The name of the secret: the same for every attempt of a run, and another for each run. */
export function connectionSecretName(workload: string, database: string, runId: string): string {
  return `${connectionSecrets(workload)}${database}/${createHash('sha256').update(runId).digest('hex').slice(0, 8)}`;
}

/**
 * Keeps connection details in Secrets Manager, in the format of RDS. A secret is written once: it exists only once its
 * password is valid.
 *
 * @throws ConnectionNotKept, SecretUnavailable
 */
export function connectionSecret(
  secrets: SecretsManagerClient,
  { name, workload, runId }: { name: string; workload: string; runId: string },
): ConnectionKeeper {
  return {
    async isKept() {
      try {
        const { DeletedDate } = await secrets.send(new DescribeSecretCommand({ SecretId: name }));
        // One that is scheduled for deletion can be described, and not read.
        return DeletedDate === undefined;
      } catch (cause) {
        if (classifyServiceError(cause) === 'missing') return false;
        throw notKept(name, cause);
      }
    },
    async keep({ host, port, username, password, dbname }) {
      try {
        await secrets.send(
          new CreateSecretCommand({
            Name: name,
            Description: `Login to the database "${dbname}", restored by Lifeboat in run ${runId}`,
            SecretString: JSON.stringify({ engine: 'postgres', host, port, username, password, dbname }),
            Tags: [
              { Key: 'lifeboat:workload', Value: workload },
              { Key: 'lifeboat:run', Value: runId },
            ],
          }),
        );
      } catch (cause) {
        // The SDK repeats a call whose answer was lost.
        if (!(cause instanceof ResourceExistsException)) throw notKept(name, cause);
      }
    },
  };
}

function notKept(name: string, cause: unknown): unknown {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  switch (classifyServiceError(cause)) {
    case 'throttled':
    case 'unavailable':
    case 'unreachable':
      return new SecretUnavailable(`secret "${name}" could not be written (${reason})`, { cause });
    case null:
      return cause;
    default:
      return new ConnectionNotKept(`secret "${name}" could not be written (${reason})`, {
        cause,
        hint: isScheduledForDeletion(cause)
          ? `Somebody deleted the secret: aws secretsmanager delete-secret --force-delete-without-recovery --secret-id ${name}, then start the run again under its id.`
          : "The database is whole under its name. Give its login a new password: ALTER ROLE … PASSWORD '…'",
      });
  }
}

function isScheduledForDeletion(cause: unknown): boolean {
  return cause instanceof InvalidRequestException && cause.message.includes('scheduled for deletion');
}
