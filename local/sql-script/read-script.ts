import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import { StatementScanner } from './scan-statement.ts';

/** The file is no SQL script that can be loaded. The message says what it is and how to make one. */
export class ScriptUnreadable extends LifeboatError {
  override readonly name = 'ScriptUnreadable';
  override readonly kind = 'usage';
}

/** A piece of a script, in order. */
export type Piece =
  | { readonly kind: 'statement'; readonly text: string; readonly outline: string; readonly line: number }
  | {
      readonly kind: 'copy';
      readonly text: string;
      readonly outline: string;
      readonly line: number;
      /** The rows as they stand in the file. They have to be read to their end before the next piece. */
      readonly rows: AsyncIterable<Buffer>;
    };

const NEWLINE = 10;
const COPY_FROM_STDIN = /^COPY\b[\s\S]*\bFROM\s+STDIN\b/i;
/** psql's commands that pg_dump writes since August 2025, against scripts that hold other commands. */
const RESTRICTIONS = /^\\(?:un)?restrict\b/;

/**
 * Reads a SQL script as psql would: statements, and the rows that follow `COPY … FROM stdin`. Reads in pieces, so that a dump of
 * any size takes little memory. `.gz` and `.zst` are decompressed.
 *
 * @param onBytes told the size of each piece of the file that was read
 * @throws ScriptUnreadable
 */
export async function* readScript(
  file: string,
  onBytes: (bytes: number) => void = () => {},
): AsyncGenerator<Piece> {
  await refuseOtherFormats(file);
  const lines = linesOf(contentOf(file, onBytes));
  const scanner = new StatementScanner();
  let number = 0;
  let begun = 1;
  for (;;) {
    const next = await lines.next();
    if (next.done) break;
    number++;
    const line = decode(next.value, file, number);
    if (!scanner.isInside) {
      begun = number;
      if (line.startsWith('\\')) {
        if (RESTRICTIONS.test(line)) continue;
        throw new ScriptUnreadable(
          `${file}:${number}: expected SQL, found the psql command ${JSON.stringify(line.trim().slice(0, 40))}. Make the script with "pg_dump --no-owner --no-privileges <database>", without --create.`,
        );
      }
    }
    for (const { text, outline } of scanner.take(line)) {
      if (!COPY_FROM_STDIN.test(outline)) yield { kind: 'statement', text, outline, line: begun };
      else {
        const rows = rowsOf(lines, file, begun, () => number++);
        yield { kind: 'copy', text, outline, line: begun, rows };
        for await (const _ of rows); // what a reader that stopped early left
      }
      begun = number;
    }
  }
  const { unclosed } = scanner;
  if (unclosed)
    throw new ScriptUnreadable(
      `${file}:${begun}: what is opened here or below is never closed: ${unclosed}. Is the file whole?`,
    );
  const rest = scanner.rest();
  if (rest) yield { kind: 'statement', ...rest, line: begun };
}

async function* rowsOf(
  lines: AsyncGenerator<Buffer, void>,
  file: string,
  begun: number,
  onLine: () => void,
): AsyncGenerator<Buffer> {
  for (;;) {
    const next = await lines.next();
    if (next.done)
      throw new ScriptUnreadable(`${file}:${begun}: the rows of this COPY never end: is the file whole?`);
    onLine();
    const line = next.value;
    // A backslash and a dot. A row that holds these two has the backslash doubled.
    if (line[0] === 92 && line[1] === 46 && line.subarray(2).toString('latin1').trim() === '') return;
    yield line;
  }
}

/** Lines with their line breaks; the last one may have none. */
async function* linesOf(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let begun: Buffer[] = [];
  for await (const chunk of content) {
    let at = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, at);
      if (end < 0) break;
      const line = chunk.subarray(at, end + 1);
      yield begun.length === 0 ? line : Buffer.concat([...begun, line]);
      begun = [];
      at = end + 1;
    }
    if (at < chunk.length) begun.push(chunk.subarray(at));
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}

function contentOf(file: string, onBytes: (bytes: number) => void): Readable {
  const stream = createReadStream(file, { highWaterMark: 256 * 1024 });
  stream.on('data', (chunk) => onBytes(chunk.length));
  stream.pause();
  const decompress = file.endsWith('.gz')
    ? createGunzip()
    : file.endsWith('.zst')
      ? createZstdDecompress()
      : null;
  if (!decompress) return stream;
  stream.on('error', (error) => decompress.destroy(error));
  return stream.pipe(decompress);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(line: Buffer, file: string, number: number): string {
  try {
    const text = utf8.decode(line);
    return number === 1 ? text.replace(/^\uFEFF/, '') : text;
  } catch {
    throw new ScriptUnreadable(
      `${file}:${number}: expected UTF-8, found other bytes. Make the dump with "pg_dump --encoding=UTF8".`,
    );
  }
}

/** Formats that people try first. https://www.postgresql.org/docs/current/app-pgdump.html */
async function refuseOtherFormats(file: string): Promise<void> {
  const head = Buffer.alloc(262);
  let read: number;
  try {
    const handle = await open(file);
    try {
      if ((await handle.stat()).isDirectory())
        throw new ScriptUnreadable(
          `${file} is a folder. Expected a SQL script; from a directory dump: pg_restore -f my.sql ${file}`,
        );
      ({ bytesRead: read } = await handle.read(head));
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof LifeboatError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new ScriptUnreadable(
      code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${code})`,
      { cause },
    );
  }
  if (
    head.subarray(0, 5).toString('latin1') === 'PGDMP' ||
    head.subarray(257, 262).toString('latin1') === 'ustar'
  )
    throw new ScriptUnreadable(
      `${file} is an archive of pg_dump. Expected a SQL script: pg_restore -f my.sql ${file}`,
    );
  if (read >= 2 && [0xfeff, 0xfffe].includes(head.readUInt16BE(0)))
    throw new ScriptUnreadable(
      `${file} is UTF-16, as PowerShell's ">" writes it. Expected UTF-8: pg_dump --file=my.sql <database>`,
    );
}
