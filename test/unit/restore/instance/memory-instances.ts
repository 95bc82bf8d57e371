import type { InstanceSettings } from '../../../../shared/backup/rds-snapshot/instance-settings.ts';
import type {
  InstanceOrigin,
  Instances,
  StoredInstance,
} from '../../../../shared/restore/instance/instances.ts';

export const settings: InstanceSettings = {
  class: 'db.t4g.small',
  storageType: 'gp3',
  gibibytes: 20,
  engineVersion: '18.1',
  parameterGroup: 'default.postgres18',
  optionGroup: 'default:postgres-18',
  subnetGroup: 'default',
  key: 'arn:aws:kms:eu-west-1:123456789012:key/1',
};

const nameIn = (arn: string) => arn.split(':').at(-1) ?? '';

/** The instances of a Region, in memory. Each change of state is asked for. */
export function memoryInstances(): Instances & {
  readonly origin: InstanceOrigin;
  readonly calls: string[];
  change(name: string, difference: Partial<StoredInstance>): void;
} {
  const stored = new Map<string, StoredInstance>();
  const calls: string[] = [];
  const change = (name: string, difference: Partial<StoredInstance>) => {
    const found = stored.get(name);
    if (found) stored.set(name, { ...found, ...difference });
  };
  return {
    region: 'eu-west-1',
    calls,
    change,
    origin: {
      named: 'snapshot "nightly"',
      settings,
      async restore({ name, tags }) {
        calls.push(`restore ${name}`);
        stored.set(name, {
          name,
          arn: `arn:aws:rds:eu-west-1:123456789012:db:${name}`,
          status: 'creating',
          tags,
          address: null,
          database: 'app',
          masterSecret: null,
          managesPassword: false,
          masterUser: 'app',
          isProtected: false,
          settings,
        });
        return { kind: 'begun' };
      },
    },
    find: async (name) => stored.get(name) ?? null,
    list: async (prefix) => [...stored.values()].filter(({ name }) => name.startsWith(prefix)),
    async managePassword(name) {
      calls.push(`manage the password of ${name}`);
      change(name, { managesPassword: true });
      return { kind: 'begun' };
    },
    async tag(arn, tags) {
      calls.push(`tag ${nameIn(arn)}`);
      change(nameIn(arn), { tags: { ...stored.get(nameIn(arn))?.tags, ...tags } });
      return { kind: 'begun' };
    },
    async untag(arn, keys) {
      calls.push(`untag ${nameIn(arn)}`);
      const tags = Object.entries(stored.get(nameIn(arn))?.tags ?? {}).filter(([key]) => !keys.includes(key));
      change(nameIn(arn), { tags: Object.fromEntries(tags) });
      return { kind: 'begun' };
    },
    async renameAndProtect(name, to) {
      calls.push(`rename ${name} to ${to}`);
      const found = stored.get(name);
      if (!found || stored.has(to)) return { kind: 'begun' };
      stored.delete(name);
      stored.set(to, { ...found, name: to, arn: found.arn.replace(name, to), isProtected: true });
      return { kind: 'begun' };
    },
    async setPassword(name) {
      calls.push(`set the password of ${name}`);
      change(name, { managesPassword: false, masterSecret: null });
      return { kind: 'begun' };
    },
    async delete(name) {
      calls.push(`delete ${name}`);
      change(name, { status: 'deleting' });
      return { kind: 'begun' };
    },
  };
}
