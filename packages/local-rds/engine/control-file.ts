import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32c } from './crc32c.ts';

/** PostgreSQL 18 as `pg_control_version` counts. */
const VERSION = 1800;
/** Beyond this the file is zeros: it is written in one sector. */
const LONGEST = 512;
/** Where the header of a segment's first page holds the identifier. */
const SEGMENT_OFFSET = 24;

/** The control file is not one that this program knows. */
export class ControlFileUnknown extends Error {
  override readonly name = 'ControlFileUnknown';

  constructor(file: string, found: string) {
    super(
      `${file} is not a control file of PostgreSQL 18: ${found}. Expected: version ${VERSION} and a checksum that fits.`,
    );
  }
}

/**
 * Gives a copy of a stopped cluster an identity of its own: in the control file, guarded by its checksum, and in the headers of
 * its WAL segments. All other files know nothing of it.
 */
export async function setSystemIdentifier(dataFolder: string, identifier: bigint): Promise<void> {
  const control = await readControlFile(dataFolder);
  const end = checksumOffset(control, dataFolder);
  const before = control.readBigUInt64LE(0);
  control.writeBigUInt64LE(identifier, 0);
  control.writeUInt32LE(crc32c(control.subarray(0, end)), end);
  await writeFile(controlFile(dataFolder), control);
  const walFolder = path.join(dataFolder, 'pg_wal');
  for (const name of await readdir(walFolder)) {
    if (/^[0-9A-F]{24}$/.test(name)) await replaceInSegment(path.join(walFolder, name), before, identifier);
  }
}

async function replaceInSegment(file: string, before: bigint, identifier: bigint): Promise<void> {
  const segment = await open(file, 'r+');
  try {
    const bytes = Buffer.alloc(8);
    await segment.read(bytes, 0, 8, SEGMENT_OFFSET);
    if (bytes.readBigUInt64LE() !== before) return; // made in advance, and never written to
    bytes.writeBigUInt64LE(identifier);
    await segment.write(bytes, 0, 8, SEGMENT_OFFSET);
  } finally {
    await segment.close();
  }
}

/** A whole copy of the control file of a running server, which may be writing it: read again until its checksum fits. */
export async function readControlFile(dataFolder: string): Promise<Buffer> {
  for (let attempt = 1; ; attempt += 1) {
    const control = await readFile(controlFile(dataFolder));
    try {
      checksumOffset(control, dataFolder);
      return control;
    } catch (error) {
      if (attempt === 20) throw error;
      await sleep(5);
    }
  }
}

const controlFile = (dataFolder: string) => path.join(dataFolder, 'global', 'pg_control');

/** The checksum is the last field; where it lies depends on the fields before, so it is looked for. */
function checksumOffset(control: Buffer, dataFolder: string): number {
  const version = control.length < LONGEST ? undefined : control.readUInt32LE(8);
  if (version !== VERSION) throw new ControlFileUnknown(controlFile(dataFolder), `version ${version}`);
  for (let end = 200; end < LONGEST; end += 4) {
    if (control.readUInt32LE(end) === crc32c(control.subarray(0, end))) return end;
  }
  throw new ControlFileUnknown(controlFile(dataFolder), 'no checksum fits');
}
