import { MessageChannel, Worker } from 'node:worker_threads';
import type pg from 'pg';
import { LifeboatError } from '../../../errors/lifeboat-error.ts';
import type { DatabaseAccess } from '../../access.ts';
import type { SchemaDump } from '../../schema-dump.ts';
import { connect } from '../connect.ts';
import { type ServerGreeting, serveFrontend } from './frontend.ts';

/** pg_dump refused or failed; the message is its own. */
export class SchemaDumpFailed extends LifeboatError {
  override readonly name = 'SchemaDumpFailed';
  override readonly kind = 'unsupported';
}

/**
 * Left out on purpose. Owners and grants name roles that a scratch server lacks. A restored subscription would start to
 * pull from its publisher. Only a superuser may create a publication of all tables.
 */
const LEFT_OUT = [
  '--no-owner',
  '--no-privileges',
  '--no-tablespaces',
  '--no-security-labels',
  '--no-subscriptions',
  '--no-publications',
];

/**
 * Dumps the schema of a database with pg_dump (compiled to WebAssembly, so that nothing is installed), inside an
 * exported snapshot where one is named, so that it fits the rows copied in the same snapshot.
 *
 * @param snapshot the name that `pg_export_snapshot()` returned; the transaction that exported it must still be open
 * @param signal ends the dump, also while it waits for a lock of the server
 * @throws SchemaDumpFailed with pg_dump's own words, and the signal's reason when it fires
 * @throws DatabaseUnreachable
 */
export async function dumpSchema(
  access: DatabaseAccess,
  { snapshot, signal }: { snapshot?: string; signal: AbortSignal },
): Promise<SchemaDump> {
  const common = [...LEFT_OUT, ...(snapshot ? [`--snapshot=${snapshot}`] : [])];
  // One after the other: each pg_dump holds some 40 MB while it runs, and rows are copied meanwhile.
  const preData = await runPgDump(access, ['--section=pre-data', ...common], signal);
  const postData = await runPgDump(access, ['--section=post-data', ...common], signal);
  return { preData: normalised(preData), postData: normalised(postData) };
}

/** Written for every server, and known to those of version 17 and newer. Our sessions set it where it exists. */
const NEWER_SETTING = 'SET transaction_timeout = 0;\n';

const PARTS = /^(.*?\n)(SET .*\n)(--\n-- PostgreSQL database dump complete\n.*)$/s;

/**
 * Removes what differs between two dumps of the same schema: the random key of `\restrict` (psql's command, which a
 * server does not understand) and the versions in the header. Only header and footer are changed, because a function may
 * contain the same words.
 */
function normalised(sql: string): string {
  const [, header, body, footer] = PARTS.exec(sql) ?? [];
  if (header === undefined || body === undefined || footer === undefined)
    throw new SchemaDumpFailed('pg_dump ended without a whole dump');
  const clean = (text: string) =>
    text.replace(/^\\(un)?restrict .*\n/gm, '').replace(/^-- Dumped (from|by) .*\n/gm, '');
  return clean(header) + body.replace(NEWER_SETTING, '') + clean(footer);
}

/** Runs pg_dump in a worker thread. This thread carries its protocol bytes to a connection that is verified and logged in. */
async function runPgDump(access: DatabaseAccess, args: string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const client = await connect(access, 'schema');
  // pg_dump compares the server's settings with its own, so it gets the settings that the server reports at login.
  const greeting: ServerGreeting = {
    server_version: (await client.query('SHOW server_version')).rows[0].server_version,
    server_encoding: (await client.query('SHOW server_encoding')).rows[0].server_encoding,
    client_encoding: 'UTF8',
    DateStyle: 'ISO, YMD',
    IntervalStyle: 'postgres',
    TimeZone: 'UTC',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
  };
  const { port1: ours, port2: theirs } = new MessageChannel();
  const woken = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./pg-dump-worker.ts', import.meta.url), {
    workerData: { port: theirs, woken, args },
    transferList: [theirs],
  });
  let stop = () => {};
  try {
    return await new Promise<string>((resolve, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop);
      worker.once('message', (message: { sql?: string; failure?: string }) =>
        message.sql === undefined
          ? reject(new SchemaDumpFailed(message.failure ?? 'pg_dump failed and gave no reason'))
          : resolve(message.sql),
      );
      worker.once('error', (cause) =>
        reject(new SchemaDumpFailed(`pg_dump ended: ${cause.message}`, { cause })),
      );
      worker.once('exit', (code) => reject(new SchemaDumpFailed(`pg_dump ended with code ${code}`)));
      serveFrontend({ client: client as pg.Client, port: ours, woken, greeting, onLost: reject });
    });
  } finally {
    signal.removeEventListener('abort', stop);
    ours.close();
    await worker.terminate();
    // The stream's listeners were replaced, so the connection can no longer be closed by its protocol.
    client.connection.stream.destroy();
  }
}
