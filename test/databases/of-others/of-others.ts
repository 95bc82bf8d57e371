import path from 'node:path';
import type { Connection } from 'local-postgres/access';
import type { NativeTools } from '../native-tools.ts';
import { jobQueue } from './job-queue.ts';
import { messageStore } from './message-store.ts';
import { metaschema } from './metaschema.ts';

export interface EmptyDatabase {
  /** No superuser. The database is theirs. */
  readonly owner: Connection;
  /** Into the same database: for roles, which an owner may not make. */
  readonly superuser: Connection;
  readonly tools: NativeTools;
}

export type LoadDatabase = (into: EmptyDatabase) => Promise<void>;

/** Databases that nobody of this project designed: three are installed from their authors' packages, one is rewritten. */
export const databasesOfOthers = {
  message_store: messageStore,
  job_queue: jobQueue,
  metaschema,
  film_rental: ({ owner, tools }: EmptyDatabase) =>
    tools.psql(owner, path.join(import.meta.dirname, 'film-rental.sql')),
} satisfies Record<string, LoadDatabase>;
