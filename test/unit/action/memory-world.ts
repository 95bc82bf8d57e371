import { type Action, ActionOutdated } from '../../../shared/action/action.ts';
import type { ActionWorld } from '../../contract/action.ts';

type Login = 'allowed' | 'denied' | 'until monday';

/** The logins that were allowed before, and are denied by the action. */
interface Denied {
  readonly roles: readonly string[];
}

/** The roles of a database in memory. The shape of a fence by NOLOGIN. */
export function rolesInMemory(): ActionWorld<Denied> {
  const roles = new Map<string, Login>([
    ['app', 'allowed'],
    ['reports', 'allowed'],
    ['backup', 'denied'],
  ]);
  const wanted = ['app', 'reports', 'backup'];
  let silent = false;
  let broken = false;
  const answer = () => {
    if (silent) throw new Error('the database does not answer');
  };
  const are = (login: Login) => wanted.filter((role) => roles.get(role) === login);
  const action: Action<Denied> = {
    name: 'no logins',
    reversible: true,
    async precheck() {
      answer();
      return { ready: true, change: { roles: are('allowed') }, seen: `${are('allowed').length} may log in` };
    },
    async apply(change) {
      answer();
      const gone = change.roles.filter((role) => !roles.has(role));
      if (gone.length > 0) throw new ActionOutdated(`there is no role ${gone.join(', ')} any more`);
      for (const role of change.roles) {
        roles.set(role, 'denied');
        if (broken) {
          broken = false;
          throw new Error('killed');
        }
      }
    },
    async prove() {
      if (silent) return { verdict: 'unknown', seen: 'the database does not answer' };
      const open = wanted.filter((role) => roles.get(role) !== 'denied');
      return open.length === 0
        ? { verdict: 'proven', seen: 'every login was refused' }
        : { verdict: 'not-proven', pending: false, seen: `${open.join(', ')} logged in` };
    },
    async undo(change) {
      answer();
      const others = change.roles.filter((role) => roles.has(role) && roles.get(role) === 'until monday');
      for (const role of change.roles) if (roles.get(role) === 'denied') roles.set(role, 'allowed');
      return others.length === 0
        ? { outcome: 'undone', seen: `${change.roles.length} may log in again` }
        : { outcome: 'left', seen: `${others.join(', ')}: changed by others since` };
    },
  };
  return {
    action,
    state: async () => Object.fromEntries(roles),
    async doneByOthers() {
      for (const role of wanted) roles.set(role, 'denied');
    },
    async alteredByOthers() {
      roles.set('app', 'until monday');
    },
    async removedByOthers() {
      roles.delete('app');
    },
    breakNextApply() {
      broken = true;
    },
    silence() {
      silent = true;
    },
  };
}

/** The replicas that follow a primary, and are to be promoted. */
interface Promotion {
  readonly replicas: readonly string[];
}

/** Two replicas in memory. The shape of a promotion: it takes time, and there is no way back. */
export function replicasInMemory(): ActionWorld<Promotion> {
  type State = 'replica' | 'promoting' | 'primary' | 'renamed';
  const servers = new Map<string, State>([
    ['main', 'replica'],
    ['orders', 'replica'],
  ]);
  let silent = false;
  let broken = false;
  const answer = () => {
    if (silent) throw new Error('the service does not answer');
  };
  const action: Action<Promotion> = {
    name: 'promote the replicas',
    reversible: false,
    async precheck() {
      answer();
      const replicas = [...servers].filter(([, state]) => state === 'replica').map(([name]) => name);
      return { ready: true, change: { replicas }, seen: `${replicas.length} replicas` };
    },
    async apply(change) {
      answer();
      const gone = change.replicas.filter((name) => !servers.has(name));
      if (gone.length > 0) throw new ActionOutdated(`there is no replica ${gone.join(', ')} any more`);
      for (const name of change.replicas) {
        if (servers.get(name) === 'replica') servers.set(name, 'promoting');
        if (broken) {
          broken = false;
          throw new Error('killed');
        }
      }
    },
    async prove() {
      if (silent) return { verdict: 'unknown', seen: 'the service does not answer' };
      const states = [...servers].map(([name, state]) => `${name}: ${state}`).join(', ');
      const all = [...servers.values()];
      if (all.every((state) => state === 'primary')) return { verdict: 'proven', seen: states };
      return { verdict: 'not-proven', pending: !all.includes('replica'), seen: states };
    },
    async undo() {
      answer();
      return { outcome: 'refused', seen: 'a promoted replica does not follow again' };
    },
  };
  return {
    action: {
      ...action,
      async prove(change, signal) {
        const proof = await action.prove(change, signal);
        // Time passes between two looks.
        for (const [name, state] of servers) if (state === 'promoting') servers.set(name, 'primary');
        return proof;
      },
    },
    state: async () =>
      Object.fromEntries(
        [...servers].map(([name, state]) => [name, state === 'promoting' ? 'primary' : state]),
      ),
    async doneByOthers() {
      for (const name of servers.keys()) servers.set(name, 'primary');
    },
    async alteredByOthers() {
      servers.set('main', 'renamed');
    },
    async removedByOthers() {
      servers.delete('main');
    },
    breakNextApply() {
      broken = true;
    },
    silence() {
      silent = true;
    },
  };
}
