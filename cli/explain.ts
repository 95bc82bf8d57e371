import { CommanderError } from 'commander';
import { classifyServiceError, networkCode } from '../shared/aws/service-error.ts';
import { type ErrorKind, LifeboatError } from '../shared/errors/lifeboat-error.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** An error as the CLI shows it. */
export interface Explained {
  readonly name: string;
  readonly message: string;
  /** The next step, if the message has none. */
  readonly hint: string | null;
  readonly exitCode: ExitCode;
}

/** Exit codes of the kinds that say more than "not proven". */
const EXIT_CODES: Partial<Record<ErrorKind, ExitCode>> = {
  usage: EXIT.usage,
  interrupted: EXIT.interrupted,
};

const LOG_IN =
  'Log in (aws sso login), name a profile (AWS_PROFILE=…), or start an AWS of your own: lifeboat local';

/** Explains an error to the person at the terminal. */
export function explain(error: unknown, environment: NodeJS.ProcessEnv): Explained {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), hint: null, exitCode: EXIT.notProven };
  const { name, message } = error;
  if (error instanceof CommanderError) return { name, message, hint: null, exitCode: EXIT.usage };
  if (error instanceof LifeboatError) {
    const { kind, hint } = error;
    return { name, message, hint, exitCode: EXIT_CODES[kind] ?? EXIT.notProven };
  }
  return {
    name,
    message: message || name,
    hint: null,
    exitCode: EXIT.notProven,
    ...ofAws(error, environment),
  };
}

/** The explanation of an AWS call's error beyond its own message. */
function ofAws(
  error: Error,
  { AWS_ENDPOINT_URL: endpoint }: NodeJS.ProcessEnv,
): Partial<Pick<Explained, 'name' | 'message' | 'hint'>> {
  const kind = classifyServiceError(error);
  const code = networkCode(error);
  if (kind === 'unauthenticated') return { message: unauthenticated(error), hint: LOG_IN };
  if (kind === 'forbidden') return { hint: 'Ask for this action to be allowed, or act as another role.' };
  if (kind === 'throttled') return { hint: 'AWS throttles this account. Wait a minute and run it again.' };
  if (kind !== 'unreachable' && kind !== 'unavailable') return {};
  if (kind === 'unavailable' && code === null) return { hint: 'The service failed. Run it again.' };
  if (endpoint)
    return {
      name: 'EndpointUnreachable',
      message: `nothing answers at AWS_ENDPOINT_URL, ${endpoint} (${code ?? error.message})`,
      hint: 'Start a local AWS (lifeboat local) and export what it prints, or unset AWS_ENDPOINT_URL for AWS itself.',
    };
  return {
    name: 'AwsUnreachable',
    message: `AWS cannot be reached from here (${code ?? error.message})`,
    hint: 'Look at the network, the proxy and the Region: AWS_REGION, or the primary Region of the plan.',
  };
}

/** The SDK finds no credentials before the call, or AWS rejects them. */
function unauthenticated(error: Error): string {
  const answered = '$metadata' in error && !error.name.endsWith('ProviderError');
  return answered
    ? `AWS does not accept the credentials: ${error.message}`
    : `AWS has no credentials to act with: ${error.message}`;
}
