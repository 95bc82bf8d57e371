import { typesMadeOf } from './types-made-of.ts';

/**
 * Base types of the server whose receive function takes back, in another database, every value that the send function
 * writes. `oidvector` is not one: its receive function wants arrays that begin at 0 and have one dimension, and a query can
 * make others. Neither are those that name an object of the catalogue by a number, such as `regclass`. Types of extensions
 * are not known, so they are not listed. Text is always right: it is what pg_dump carries.
 */
const EXACT_IN_BINARY = [
  ...['bool', 'char', 'name', 'text', 'varchar', 'bpchar', 'bytea', 'bit', 'varbit', 'uuid', 'json', 'jsonb'],
  ...[
    'int2',
    'int4',
    'int8',
    'float4',
    'float8',
    'numeric',
    'money',
    'oid',
    'xid',
    'xid8',
    'cid',
    'tid',
    'pg_lsn',
  ],
  ...['point', 'date', 'time', 'timetz', 'timestamp', 'timestamptz', 'interval'],
  ...['inet', 'cidr', 'macaddr', 'macaddr8'],
];

/**
 * Types that COPY carries as text, as a common table expression `text_only (type)`: base types that are not known to be
 * exact in binary, and what is made of them. Enums travel by label, so they are exact.
 */
export const TEXT_ONLY = typesMadeOf(
  'text_only',
  `SELECT t.oid FROM pg_catalog.pg_type t
   WHERE t.typsend = 0 OR t.typreceive = 0
     OR t.typtype = 'b' AND t.typinput <> 'pg_catalog.array_in'::pg_catalog.regproc
       AND NOT (t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
         AND t.typname = ANY ('{${EXACT_IN_BINARY.join(',')}}'))`,
);
