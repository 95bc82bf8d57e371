import type { DatabaseTraits } from '../../../shared/database/engine.ts';
import type { SequencePosition, TableName } from '../../../shared/database/table.ts';

/** A database of the server in memory. Tests read and change it directly. */
export interface MemoryDatabase {
  comment: string | null;
  traits: DatabaseTraits;
  tables: (TableName & { readonly columns: readonly string[]; rows: string[] })[];
  sequences: SequencePosition[];
  indexes: string[];
  /** Roles that its policies name. */
  policyRoles: string[];
  /** What no copy of it gets, in words. */
  notCarried: string[];
  /** Statements that were run in it. */
  statements: string[];
}

export const traits: DatabaseTraits = {
  serverVersion: 180004,
  serverVersionText: '18.4',
  encoding: 'UTF8',
  localeProvider: 'libc',
  collate: 'C',
  ctype: 'C',
  locale: null,
  icuRules: null,
  extensions: [],
  settings: {},
};

export function emptyDatabase(): MemoryDatabase {
  return {
    comment: null,
    traits,
    tables: [],
    sequences: [],
    indexes: [],
    policyRoles: [],
    notCarried: [],
    statements: [],
  };
}

/** An application's database: three contacts, a sequence that was drawn from, an index. */
export function contactsDatabase(): MemoryDatabase {
  return {
    ...emptyDatabase(),
    tables: [
      { schema: 'public', name: 'contacts', columns: ['id', 'email'], rows: ['1\ta@b', '2\tc@d', '3\te@f'] },
    ],
    sequences: [{ schema: 'public', name: 'contacts_id_seq', lastValue: '3', isCalled: true }],
    indexes: ['contacts_pkey'],
  };
}
