import { CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-code.ts';
import { Interrupted } from './interruption.ts';

/** An error as a person is told it. */
export interface Explained {
  readonly name: string;
  readonly message: string;
  /** The next step, where the message has none. */
  readonly hint: string | null;
  readonly exitCode: ExitCode;
}

/** Errors that the caller puts right. Their messages say how. */
const USAGE: ReadonlySet<string> = new Set([
  'PlanInvalid',
  'PlanUnreadable',
  'UnknownPlan',
  'NotInPlan',
  'NotInQuarantine',
  'ExpressionInvalid',
  'UnknownScenario',
  'NoSampleData',
  'NotDeployable',
  'StackNotFound',
  'StackIncomplete',
  'WrongUsage',
]);

const NO_CREDENTIALS =
  'Log in (aws sso login), name a profile (AWS_PROFILE=…), or start an AWS of your own: lifeboat local';

/** Says what an error means here. */
export function explain(error: unknown, environment: NodeJS.ProcessEnv): Explained {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), hint: null, exitCode: EXIT.notProven };
  const { name } = error;
  const told = (message: string, hint: string | null, exitCode: ExitCode): Explained => ({
    name,
    message,
    hint,
    exitCode,
  });
  if (error instanceof CommanderError) return told(error.message, null, EXIT.usage);
  if (error instanceof Interrupted) return told(error.message, null, EXIT.interrupted);
  if (USAGE.has(name)) return told(error.message, null, EXIT.usage);

  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return told(`AWS has no credentials to act with: ${error.message}`, NO_CREDENTIALS, EXIT.notProven);
  if (/^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch)/.test(name))
    return told(`AWS does not accept the credentials: ${error.message}`, NO_CREDENTIALS, EXIT.notProven);
  if (/^AccessDenied|NotAuthorized/.test(name))
    return told(error.message, 'Ask for this action to be allowed, or act as another role.', EXIT.notProven);

  const unreachable = networkCodeOf(error);
  if (unreachable) return { ...unreachableIn(unreachable, environment), exitCode: EXIT.notProven };
  return told(error.message || name, null, EXIT.notProven);
}

function unreachableIn(code: string, { AWS_ENDPOINT_URL: endpoint }: NodeJS.ProcessEnv) {
  if (endpoint)
    return {
      name: 'EndpointUnreachable',
      message: `nothing answers at AWS_ENDPOINT_URL, ${endpoint} (${code})`,
      hint: 'Start a local AWS (lifeboat local) and export what it prints, or unset AWS_ENDPOINT_URL for AWS itself.',
    };
  return {
    name: 'AwsUnreachable',
    message: `AWS cannot be reached from here (${code})`,
    hint: 'Look at the network, the proxy and the Region: AWS_REGION, or the primary Region of the plan.',
  };
}

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);

/** Node gives a list of errors where a name has several addresses; the SDK wraps some. */
function networkCodeOf(error: Error): string | null {
  const nested = error instanceof AggregateError ? error.errors : [error.cause];
  for (const each of [error, ...nested]) {
    const code = each instanceof Error && 'code' in each ? String(each.code) : '';
    if (NETWORK_CODES.has(code)) return code;
  }
  return null;
}
