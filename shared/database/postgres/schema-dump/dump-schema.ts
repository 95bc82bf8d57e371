import { createHash } from 'node:crypto';
import { MessageChannel, Worker } from 'node:worker_threads';
import type pg from 'pg';
import { LifeboatError } from '../../../errors/lifeboat-error.ts';
import type { DatabaseAccess } from '../../access.ts';
import { connect } from '../connect.ts';
import { type ServerGreeting, serveFrontend } from './frontend.ts';

/** The definition of a database in the two sections that stand before and after its rows. */
export interface SchemaDump {
  /** Types, functions, tables, sequences, defaults: what must exist before rows are loaded. SQL. */
  readonly preData: string;
  /** Indexes, constraints, triggers, materialized views: what is made once the rows are in. SQL. */
  readonly postData: string;
}

/** pg_dump refused or failed; the message is its own. */
export class SchemaDumpFailed extends LifeboatError {
  override readonly name = 'SchemaDumpFailed';
  override readonly kind = 'unsupported';
}

/**
 * Left out on purpose: owners and grants name roles that a scratch server lacks, a restored subscription would start to
 * pull from its publisher, and a publication of all tables is a superuser's to make.
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

/** sha256, in hex, of both sections: equal for two databases that pg_dump describes alike. */
export function schemaFingerprint(schema: SchemaDump): string {
  return createHash('sha256').update(schema.preData).update('\0').update(schema.postData).digest('hex');
}

const PARTS = /^(.*?\n)(SET .*\n)(--\n-- PostgreSQL database dump complete\n.*)$/s;

/**
 * Takes out what differs between two dumps of the same schema: the random key of `\restrict` (psql's commands, which a
 * server would not understand anyway) and the versions in the header. Header and footer only: the same words may stand in
 * a function.
 */
function normalised(sql: string): string {
  const [, header, body, footer] = PARTS.exec(sql) ?? [];
  if (header === undefined || body === undefined || footer === undefined)
    throw new SchemaDumpFailed('pg_dump ended without a whole dump');
  const clean = (text: string) =>
    text.replace(/^\\(un)?restrict .*\n/gm, '').replace(/^-- Dumped (from|by) .*\n/gm, '');
  return clean(header) + body + clean(footer);
}

/** Runs pg_dump in a worker thread; this thread carries its protocol bytes to a connection that is already verified and logged in. */
async function runPgDump(access: DatabaseAccess, args: string[], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const client = await connect(access, 'schema');
  // pg_dump compares the server's settings with its own; hand it the login's answers as the server gave them.
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
    // The stream's listeners were taken over; the connection cannot be used or ended politely any more.
    client.connection.stream.destroy();
  }
}
