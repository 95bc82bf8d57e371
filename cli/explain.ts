import { CommanderError } from 'commander';
import { workFolder } from '../local/folders.ts';
import { classifyServiceError, networkCode } from '../shared/aws/service-error.ts';
import { ServiceUnreachable } from '../shared/aws/service-unreachable.ts';
import { type ErrorKind, LifeboatError } from '../shared/errors/lifeboat-error.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { type FullDisk, fullDiskBehind } from './full-disk.ts';
import { typed } from './typed.ts';

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

const logIn = () =>
  `Log in (aws sso login), name a profile (AWS_PROFILE=…), or start an AWS of your own: ${typed('local')}`;

/** Errors of JavaScript itself, of a failed assertion or of a document that has not the shape that our own code gave it. */
const DEFECTS = new Set([
  'Error',
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'AssertionError',
  'ZodError',
  '$ZodError',
]);

/** What to do where Lifeboat itself broke: nothing is known of the backup or the queue. */
const reportDefect = () =>
  'This is a defect of Lifeboat: it says nothing about your backups or queues. Run the command again with --verbose,\n' +
  `and report what it prints together with Node.js ${process.versions.node} on ${process.platform} ${process.arch}.`;

/** Explains an error to the person at the terminal. */
export function explain(error: unknown, environment: NodeJS.ProcessEnv): Explained {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), hint: reportDefect(), exitCode: EXIT.notProven };
  const fullDisk = fullDiskBehind(error);
  if (fullDisk) return ofFullDisk(error, fullDisk);
  const { name, message } = error;
  if (error instanceof CommanderError) return { name, message, hint: null, exitCode: EXIT.usage };
  if (error instanceof LifeboatError) {
    const { kind, hint } = error;
    const explained = { name, message, hint, exitCode: EXIT_CODES[kind] ?? EXIT.notProven };
    return error instanceof ServiceUnreachable ? { ...explained, ...ofAws(error, environment) } : explained;
  }
  return {
    name,
    message: message || name,
    hint: DEFECTS.has(name) && !('code' in error) ? reportDefect() : null,
    exitCode: EXIT.notProven,
    ...ofAws(error, environment),
  };
}

function ofFullDisk({ message }: Error, { of, path }: FullDisk): Explained {
  const where = path === null ? '' : ` (${path})`;
  return {
    name: 'DiskFull',
    message: `the disk of ${of === 'this machine' ? 'this machine' : 'the database server'} is full${where}: ${message}`,
    hint:
      of === 'this machine'
        ? `Free space, and run it again. What local runs left is in ${workFolder}: it can be deleted when none runs.`
        : 'Give the database server more storage, or free some, and run it again.',
    exitCode: EXIT.notProven,
  };
}

/** The explanation of an AWS call's error beyond its own message. */
function ofAws(
  error: Error,
  { AWS_ENDPOINT_URL: endpoint }: NodeJS.ProcessEnv,
): Partial<Pick<Explained, 'name' | 'message' | 'hint'>> {
  const kind = classifyServiceError(error);
  const code = networkCode(error);
  if (kind === 'unauthenticated') return { message: unauthenticated(error), hint: logIn() };
  if (kind === 'forbidden') return { hint: 'Ask for this action to be allowed, or act as another role.' };
  if (kind === 'throttled') return { hint: 'AWS throttles this account. Wait a minute and run it again.' };
  if (kind !== 'unreachable' && kind !== 'unavailable') return {};
  if (kind === 'unavailable' && code === null) return { hint: 'The service failed. Run it again.' };
  if (endpoint)
    return {
      name: 'EndpointUnreachable',
      message: `nothing answers at AWS_ENDPOINT_URL, ${endpoint} (${code ?? error.message})`,
      hint: `Start a local AWS (${typed('local')}) and export what it prints, or unset AWS_ENDPOINT_URL for AWS itself.`,
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
