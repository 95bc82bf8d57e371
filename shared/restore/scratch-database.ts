import type { DatabaseAccess } from '../database/access.ts';
import {
  type DatabaseTraits,
  DatabaseUnreachable,
  type ScratchServer,
  type ScratchServers,
} from '../database/engine.ts';
import {
  SCRATCH_PREFIX,
  type Scratch,
  type ScratchAccess,
  ScratchMissing,
  type ScratchRun,
  scratchName,
} from './scratch.ts';
import { isUnused, markOf, readMark, requireOurs, type ScratchMark } from './scratch-mark.ts';

/**
 * Scratch databases on one server. The mark of a run is the database's comment.
 *
 * @param server access to the server's maintenance database, by a role that may create databases
 * @param options.stays the copies are handed over in the end
 */
export function scratchDatabases(
  servers: ScratchServers,
  server: DatabaseAccess,
  { stays }: { readonly stays: boolean } = { stays: false },
): Scratch {
  const accessTo = async (
    databases: ScratchServer,
    dbname: string,
    like: DatabaseTraits,
  ): Promise<ScratchAccess> => {
    const login = await databases.login(dbname);
    return login
      ? { ...server, ...login, dbname, createdBy: server, sharesLogin: null }
      : {
          ...server,
          dbname,
          sharesLogin: (await databases.whyNoLogin(like, { stays })) ?? 'it was created so',
        };
  };
  const provide = (run: ScratchRun, like: DatabaseTraits, claimed: boolean): Promise<ScratchAccess> =>
    servers.use(server, 'scratch', async (databases) => {
      const name = scratchName(run.runId);
      await databases.lock(name);
      const mark = markOf(run, like, claimed);
      const found = await findOurs(databases, name, run.runId);
      if (!found || !isUnused(found, mark)) {
        if (found) await databases.drop(name);
        await databases.create(name, like, { stays });
      }
      // The comment follows at once. Until then the database is empty, and nothing drops it.
      await databases.comment(name, JSON.stringify(mark));
      return accessTo(databases, name, like);
    });
  return {
    create: (run, like) => provide(run, like, false),
    claim: (run, like) => provide(run, like, true),
    open: (runId, like) =>
      servers.use(server, 'scratch', async (databases) => {
        const name = scratchName(runId);
        if (!(await findOurs(databases, name, runId)))
          throw new ScratchMissing(
            `the scratch database "${name}" of this run is gone: it was swept or dropped`,
          );
        return accessTo(databases, name, like);
      }),
    drop: (runId) =>
      servers.use(server, 'teardown', async (databases) => ({
        dropped: await dropOurs(databases, scratchName(runId), runId),
      })),
    sweep: (workload, now) =>
      servers.use(server, 'sweep', async (databases) => {
        const dropped: string[] = [];
        const kept: string[] = [];
        const unmarked: string[] = [];
        const failed: { name: string; reason: string }[] = [];
        for (const { name, comment } of await databases.list(SCRATCH_PREFIX)) {
          const mark = readMark(comment);
          if (!mark) unmarked.push(name);
          else if (mark.workload !== workload || new Date(mark.expiresAt) > now) kept.push(name);
          else
            try {
              if (await dropOurs(databases, name, mark.runId)) dropped.push(name);
            } catch (error) {
              // Without a connection none of the others can be dropped either.
              if (error instanceof DatabaseUnreachable) throw error;
              failed.push({ name, reason: error instanceof Error ? error.message : String(error) });
            }
        }
        return { dropped, kept, unmarked, failed };
      }),
  };
}

async function dropOurs(databases: ScratchServer, name: string, runId: string): Promise<boolean> {
  await databases.lock(name);
  if (!(await findOurs(databases, name, runId))) return false;
  await databases.drop(name);
  return true;
}

/** The mark of the run's database; null if there is no such database. @throws ScratchNotOurs if it lacks the mark */
async function findOurs(databases: ScratchServer, name: string, runId: string): Promise<ScratchMark | null> {
  const found = (await databases.list(name)).find((each) => each.name === name);
  return found ? requireOurs(name, found.comment, runId) : null;
}
