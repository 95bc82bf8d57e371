import { MessageChannel, Worker } from 'node:worker_threads';
import type pg from 'pg';
import { LifeboatError } from '../../../errors/lifeboat-error.ts';
import type { DatabaseAccess } from '../../access.ts';
import { connect } from '../connect.ts';
import { type ServerGreeting, serveFrontend } from './frontend.ts';

/** pg_dump refused or failed; the message is its own. */
export class PgDumpFailed extends LifeboatError {
  override readonly name = 'PgDumpFailed';
  override readonly kind = 'unsupported';
}

/**
 * Both sections of the schema, as an archive. Its table of contents lists each definition with what it depends on. Owners,
 * grants and labels are in it too, for a restore by pg_restore. The definition of a subscription holds a password.
 */
const ARGUMENTS = [
  '--format=custom',
  '--compress=none',
  '--section=pre-data',
  '--section=post-data',
  '--no-subscriptions',
  '--no-statistics',
];

/**
 * Runs pg_dump (compiled to WebAssembly, so that nothing is installed) in a worker thread. This thread carries its protocol
 * bytes to a connection that is verified and logged in.
 *
 * @param snapshot the name that `pg_export_snapshot()` returned; the transaction that exported it must still be open
 * @param signal ends the dump, also while it waits for a lock of the server
 * @returns the archive of the schema, without rows
 * @throws PgDumpFailed with pg_dump's own words, and the signal's reason when it fires
 * @throws DatabaseUnreachable
 */
export async function runPgDump(
  access: DatabaseAccess,
  { snapshot, signal }: { snapshot?: string; signal: AbortSignal },
): Promise<Buffer> {
  signal.throwIfAborted();
  const args = snapshot ? [...ARGUMENTS, `--snapshot=${snapshot}`] : ARGUMENTS;
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
    return await new Promise<Buffer>((resolve, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop);
      worker.once('message', (message: { archive?: Uint8Array; failure?: string }) =>
        message.archive === undefined
          ? reject(new PgDumpFailed(message.failure ?? 'pg_dump failed and gave no reason'))
          : resolve(Buffer.from(message.archive)),
      );
      worker.once('error', (cause) => reject(new PgDumpFailed(`pg_dump ended: ${cause.message}`, { cause })));
      worker.once('exit', (code) => reject(new PgDumpFailed(`pg_dump ended with code ${code}`)));
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
