import { createHash } from 'node:crypto';

/** One file of a backup, by PostgreSQL's path and checksum. */
export interface ManifestFile {
  readonly path: string;
  readonly size: number;
  readonly modified: Date;
  readonly sha256: string;
}

export interface Manifest {
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly startLsn: string;
  readonly stopLsn: string;
  readonly files: readonly ManifestFile[];
}

/** The file is no manifest, or was changed since it was written. */
export class ManifestDamaged extends Error {
  override readonly name = 'ManifestDamaged';

  constructor(reason: string) {
    super(`The backup manifest cannot be trusted: ${reason}.`);
  }
}

/** PostgreSQL's own format ("Backup Manifest Format" in its documentation), so that pg_verifybackup reads it too. */
export function formatManifest(manifest: Manifest): string {
  const files = manifest.files.map((file) =>
    [
      `{ "Path": ${JSON.stringify(file.path)}`,
      `"Size": ${file.size}`,
      `"Last-Modified": "${file.modified.toISOString().slice(0, 19).replace('T', ' ')} GMT"`,
      `"Checksum-Algorithm": "SHA256"`,
      `"Checksum": "${file.sha256}" }`,
    ].join(', '),
  );
  const guarded = [
    '{ "PostgreSQL-Backup-Manifest-Version": 2,',
    `"System-Identifier": ${manifest.systemIdentifier},`,
    `"Files": [\n${files.join(',\n')}\n],`,
    '"WAL-Ranges": [',
    `{ "Timeline": ${manifest.timeline}, "Start-LSN": "${manifest.startLsn}", "End-LSN": "${manifest.stopLsn}" }`,
    '],',
    '',
  ].join('\n');
  return `${guarded}"Manifest-Checksum": "${sha256(guarded)}"}\n`;
}

/** Throws ManifestDamaged. */
export function parseManifest(text: string): Manifest {
  const last = text.lastIndexOf('"Manifest-Checksum"');
  const checksum = /"Manifest-Checksum": "([0-9a-f]{64})"}\n$/.exec(text)?.[1];
  if (last < 0 || checksum === undefined) throw new ManifestDamaged('its own checksum is not at its end');
  if (checksum !== sha256(text.slice(0, last))) throw new ManifestDamaged('its own checksum does not fit');
  const parsed = JSON.parse(text);
  const range = parsed['WAL-Ranges'][0];
  return {
    // JSON.parse would round a number of this size.
    systemIdentifier: /"System-Identifier": (\d+)/.exec(text)?.[1] ?? '',
    timeline: range.Timeline,
    startLsn: range['Start-LSN'],
    stopLsn: range['End-LSN'],
    files: parsed.Files.map((file: Record<string, string>) => ({
      path: file.Path,
      size: file.Size,
      modified: new Date(String(file['Last-Modified'])),
      sha256: file.Checksum,
    })),
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
