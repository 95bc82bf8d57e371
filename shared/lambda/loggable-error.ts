import { LifeboatError } from '../errors/lifeboat-error.ts';

/** What of an error may be kept in a log for months. */
export interface LoggableError {
  readonly name: string;
  readonly message: string;
  readonly [detail: string]: unknown;
}

/** Fields by which PostgreSQL names what an error is about. None holds a value of a row. */
const NAMES = ['severity', 'schema', 'table', 'column', 'dataType', 'constraint', 'routine'] as const;

/** Names that PostgreSQL's driver and Lifeboat give to what a server refused. */
const OF_A_DATABASE = /^(?:error|DatabaseError)$/;

const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * What of an error goes into the log, causes included (decision 0018). What a database said can quote rows, in its message as
 * well as in its details, and so can an error that repeats it. Of these the log has the code, the names of objects and the
 * stack. The text itself reaches the state machine, which keeps it for the evidence.
 */
export function loggable(error: Error): LoggableError {
  const [outermost = entryOf(error)] = chainOf(error)
    .map(entryOf)
    .reduceRight<LoggableError[]>((inner, entry) => [inner[0] ? { ...entry, cause: inner[0] } : entry], []);
  return outermost;
}

function entryOf(error: Error): LoggableError {
  const { name, message, stack } = error;
  const ours = error instanceof LifeboatError ? { kind: error.kind, hint: error.hint ?? undefined } : {};
  const quotes = quotesValues(error);
  return {
    name,
    message: quotes ? withheld(error) : message,
    ...ours,
    code: codeOf(error),
    ...(isOfDatabase(error) ? namesOf(error) : {}),
    stack: quotes ? framesOf(stack) : stack,
  };
}

/**
 * Lets the error be logged by others as it is logged here. Lambda's runtime writes a line of its own for what a handler throws:
 * by JSON.stringify, with every field. The state machine gets name and message all the same.
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/utils/error.ts
 */
export function logAsLoggable(error: Error): void {
  const logged = loggable(error);
  if (!Object.isExtensible(error)) return;
  Object.defineProperty(error, 'toJSON', { value: () => logged, configurable: true });
}

/** `SQLSTATE 23505, table contacts, constraint contacts_email_key`: what stands in place of the text. */
function withheld(error: Error): string {
  const refusal = chainOf(error).find(isOfDatabase);
  if (!refusal) return 'the message is withheld, because a parser quotes what it read';
  const { table, column, constraint } = namesOf(refusal);
  const about = [
    `SQLSTATE ${codeOf(refusal)}`,
    table && `table ${table}`,
    column && `column ${column}`,
    constraint && `constraint ${constraint}`,
  ].filter(Boolean);
  return `${about.join(', ')}: the text may quote rows, and stands in the run's evidence and in the execution's history`;
}

/** A parser of JSON quotes what it could not read: a message's body, or a row. */
function quotesValues(error: Error): boolean {
  return chainOf(error).some(
    (each) => (isOfDatabase(each) && !speaksOfObjects(each)) || each.name === 'SyntaxError',
  );
}

/**
 * Classes in which the server speaks of connections, logins, objects, resources and itself: `password authentication failed for
 * user "backup"`. A function of the database may raise any of them with any text; then there is a context.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const OF_OBJECTS = new Set(['08', '28', '3D', '42', '53', '55', '57']);

function speaksOfObjects(error: Error): boolean {
  const { where }: { where?: unknown } = error as object;
  return OF_OBJECTS.has((codeOf(error) ?? '').slice(0, 2)) && !where;
}

function isOfDatabase(error: Error): boolean {
  return OF_A_DATABASE.test(error.name) && SQLSTATE.test(codeOf(error) ?? '');
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && error.code !== undefined ? String(error.code) : undefined;
}

function namesOf(error: Error): Partial<Record<(typeof NAMES)[number], unknown>> {
  return Object.fromEntries(NAMES.flatMap((name) => (name in error ? [[name, (error as never)[name]]] : [])));
}

/** The error and its causes. One that is its own cause ends the list. */
function chainOf(error: Error): Error[] {
  const chain: Error[] = [];
  for (let each: unknown = error; each instanceof Error && !chain.includes(each); each = each.cause)
    chain.push(each);
  return chain;
}

/** A stack begins with the message. */
function framesOf(stack = ''): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}
