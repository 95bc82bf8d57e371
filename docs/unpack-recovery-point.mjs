// Unpacks a recovery point with nothing but Node 22.15 or later: docs/restore-by-hand.md.
// node unpack-recovery-point.mjs MANIFEST.json FOLDER_WITH_THE_OBJECTS OUTPUT_FOLDER
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { zstdDecompressSync } from 'node:zlib';

const [manifestFile, vault, output] = process.argv.slice(2);
if (!output)
  throw new Error('usage: node unpack-recovery-point.mjs MANIFEST.json OBJECTS_FOLDER OUTPUT_FOLDER');

const { sha256, manifest } = JSON.parse(await readFile(manifestFile, 'utf8'));
if (sha256 !== createHash('sha256').update(JSON.stringify(manifest)).digest('hex'))
  throw new Error(`${manifestFile} was altered: its text does not fit its sha256`);

await mkdir(path.join(output, 'rows'), { recursive: true });
await requireUnaltered(manifest.schema.archive);
await copyFile(path.join(vault, manifest.schema.archive.key), path.join(output, 'schema.archive'));

const name = (text) => `"${text.replaceAll('"', '""')}"`;
const literal = (text) => `'${text.replaceAll("'", "''")}'`;
const table = (each) => `${name(each.schema)}.${name(each.name)}`;

const roles = manifest.schema.roles.map(
  (role) =>
    `SELECT 'CREATE ROLE ' || quote_ident(${literal(role)}) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(role)}) \\gexec`,
);
await writeFile(path.join(output, 'roles.sql'), `\\set ON_ERROR_STOP on\n${roles.join('\n')}\n`);

const lines = [
  '\\set ON_ERROR_STOP on',
  "SET client_encoding = 'UTF8'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET xmloption = content;",
  "SET search_path = ''; SET check_function_bodies = off; SET row_security = off; SET statement_timeout = 0;",
];
const order = { first: 0, together: 1, last: 2 };
let file = 0;
for (const each of manifest.tables.toSorted((a, b) => order[a.loaded] - order[b.loaded])) {
  const largeObjects = each.schema === 'pg_catalog' && each.name === 'pg_largeobject';
  const into = largeObjects ? 'pieces' : table(each.through ?? each);
  const columns = largeObjects
    ? '(object, piece, bytes, comment)'
    : each.columns.length > 0
      ? `(${each.columns.map(name).join(', ')})`
      : '';
  if (largeObjects)
    lines.push(
      'CREATE TEMPORARY TABLE pieces (object pg_catalog.oid, piece int8, bytes bytea, comment text);',
    );
  if (each.extension) lines.push(`DELETE FROM ONLY ${table(each)}${each.extension.where};`);
  for (const part of each.parts) {
    const rows = path.join('rows', `${file++}.copy`);
    await requireUnaltered(part);
    await pipeline(unpack(path.join(vault, part.key)), createWriteStream(path.join(output, rows)));
    lines.push(`\\copy ${into} ${columns} FROM '${rows}' (FORMAT ${each.format})`);
  }
  // A piece is 1 MiB: shared/database/postgres/large-objects/pieces.ts.
  if (largeObjects)
    lines.push(
      'SELECT pg_catalog.lo_create(object) FROM pieces WHERE piece = 0;',
      'SELECT pg_catalog.lo_put(object, piece * 1048576, bytes) FROM pieces;',
      "SELECT pg_catalog.format('COMMENT ON LARGE OBJECT %s IS %L', object, comment) FROM pieces WHERE comment IS NOT NULL \\gexec",
    );
}
for (const { lastValue, isCalled, ...sequence } of manifest.sequences)
  lines.push(`SELECT pg_catalog.setval(${literal(table(sequence))}, ${lastValue}, ${isCalled});`);
await writeFile(path.join(output, 'rows.sql'), `${lines.join('\n')}\n`);

const { encoding, collate, ctype, localeProvider, serverVersionText } = manifest.source;
console.log(`unpacked ${file} files of rows. The source was PostgreSQL ${serverVersionText}:`);
console.log(`encoding ${encoding}, collate ${collate}, ctype ${ctype}, provider ${localeProvider}`);

async function requireUnaltered({ key, sha256: expected }) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path.join(vault, key))) hash.update(chunk);
  if (hash.digest('hex') !== expected) throw new Error(`${key} is not the object that was written`);
}

/** "LBK1" · kind u8 (1 rows, 2 end) · index u32 · raw bytes u32 · stored bytes u32 · seal of 32 bytes · zstd */
async function* unpack(object) {
  let held = Buffer.alloc(0);
  for await (const chunk of createReadStream(object, { highWaterMark: 4 * 1024 * 1024 })) {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 49 && held.length >= 49 + held.readUInt32BE(13)) {
      const end = 49 + held.readUInt32BE(13);
      if (held.readUInt8(4) === 1) yield zstdDecompressSync(held.subarray(49, end));
      held = held.subarray(end);
    }
  }
}
