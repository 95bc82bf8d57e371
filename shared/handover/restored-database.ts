import type { DatabaseAccess } from '../database/access.ts';
import {
  type DatabaseTraits,
  type HandOver,
  type ScratchServers,
  ScratchUnsuitable,
} from '../database/engine.ts';
import { ScratchMissing, scratchName } from '../restore/scratch.ts';
import { requireOurs } from '../restore/scratch-mark.ts';
import { appliedOf, CopyUnknown, markIn, nameForRestore, type RestoredMark } from './restored-mark.ts';

/** Where the connection details of a restored database are kept. Both operations may be repeated. */
export interface ConnectionKeeper {
  /** Whether details are kept for this run. */
  isKept(): Promise<boolean>;
  keep(access: Pick<DatabaseAccess, 'host' | 'port' | 'username' | 'password' | 'dbname'>): Promise<void>;
}

/** What a copy becomes, as the plan says, and what its mark says of it. */
export interface RestoredAs extends Omit<HandOver, 'comment' | 'isPart'> {
  /** Null where an earlier attempt of the run validated it: then the database says it. */
  readonly mark: RestoredMark | null;
  readonly runId: string;
}

/** Databases that stay, on one server. */
export interface RestoredDatabases {
  /**
   * Looks whether a run may restore into that name. Changes nothing.
   *
   * @returns the mark of the run's own database, which an earlier attempt handed over; null if the name is free
   * @throws NameTaken, NameUnusable
   * @throws ScratchUnsuitable if the server gives a copy like this one no login of its own
   */
  find(name: string, runId: string, like: DatabaseTraits): Promise<RestoredMark | null>;
  /**
   * What a database that was handed over was restored from.
   *
   * @throws CopyUnknown naming the databases that the workload restored
   */
  markOf(name: string, workload: string): Promise<RestoredMark>;
  /**
   * Hands the run's copy over: it gets its name, and its connection details are kept. Killed anywhere and repeated, it completes
   * what is missing and changes nothing that was completed.
   *
   * @returns its mark, with what was applied and left out, by this attempt or by the one that handed it over
   * @throws NameTaken, HandOverRefused, ScratchMissing; what `keep` throws
   */
  handOver(to: RestoredAs, keeper: ConnectionKeeper): Promise<RestoredMark>;
}

/** @param server access to the server's maintenance database, by a role that may create databases and roles */
export function restoredDatabases(servers: ScratchServers, server: DatabaseAccess): RestoredDatabases {
  return {
    find: (name, runId, like) =>
      servers.use(server, 'restore', async (databases) => {
        const found = (await databases.list(name)).find((each) => each.name === name);
        const mark = nameForRestore(name, found, runId);
        const why = await databases.whyNoLogin(like, { stays: true });
        if (mark === null && why !== null)
          throw new ScratchUnsuitable(`the restored database cannot get a login of its own: ${why}`, {
            hint: 'Give the place to restore to a login with CREATEDB and CREATEROLE.',
          });
        return mark;
      }),
    markOf: (name, workload) =>
      servers.use(server, 'compare', async (databases) => {
        const marks = (await databases.list('')).flatMap(({ name, comment }) => {
          const mark = markIn(comment);
          return mark?.workload === workload ? [{ name, mark }] : [];
        });
        const found = marks.find((each) => each.name === name);
        if (found) return found.mark;
        const names = [...new Set(marks.map((each) => each.name))];
        throw new CopyUnknown(
          `no restore of "${workload}" handed a database "${name}" over on that server; ${
            names.length > 0 ? `it has: ${names.join(', ')}` : 'it has none of this workload'
          }`,
        );
      }),
    handOver: ({ mark, runId, ...to }, keeper) =>
      servers.use(server, 'hand over', async (databases) => {
        // An attempt that seems dead may still be at work.
        await databases.lock(to.name);
        const found = (await databases.list(to.name)).find((each) => each.name === to.name);
        const handedOver = nameForRestore(to.name, found, runId);
        const keep = (login: Pick<DatabaseAccess, 'username' | 'password'>) =>
          keeper.keep({ host: server.host, port: server.port, dbname: to.name, ...login });
        if (handedOver) {
          const login = (await keeper.isKept()) ? null : await databases.login(to.name);
          if (login) await keep(login);
          return handedOver;
        }
        const name = scratchName(runId);
        const copy = (await databases.list(name)).find((each) => each.name === name);
        if (!copy || !mark)
          throw new ScratchMissing(`the copy "${name}" of this run is gone: it was swept or dropped`);
        requireOurs(name, copy.comment, runId);
        const isPart = mark.validated.only !== undefined;
        let kept = mark;
        const login = await databases.handOver(name, {
          ...to,
          isPart,
          comment(report) {
            kept = { ...mark, applied: appliedOf(report) };
            return JSON.stringify(kept);
          },
        });
        await keep(login);
        return kept;
      }),
  };
}
