import { createHash } from 'node:crypto';
import * as z from 'zod';
import { LifeboatError } from '../../errors/lifeboat-error.ts';
import { ObjectMissing, type Vault } from '../../vault/vault.ts';
import type { BackupPlace, RecoveryPointPlace } from '../place.ts';
import { manifestKey, manifestKeyOfRun } from './recovery-point-id.ts';

/** The format that is written and read. */
export const MANIFEST_FORMAT = 'lifeboat-logical-2';
/** Formats that were written before, and by what. */
const EARLIER_FORMATS: Readonly<Record<string, string>> = {
  'lifeboat-logical-1': 'Lifeboat before November 2026 (the schema as two texts)',
};

/** A decimal that may exceed the range of a JavaScript number. */
const Decimal = z.string().regex(/^-?\d+$/);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const StoredContent = z.object({
  key: z.string(),
  versionId: z.string(),
  /** Bytes of the stored object. */
  bytes: z.number().int().nonnegative(),
  /** sha256 of the stored object, in hex. */
  sha256: Sha256,
});
export type StoredContent = z.infer<typeof StoredContent>;

const TablePart = StoredContent.extend({
  part: z.number().int().nonnegative(),
  rows: z.number().int().nonnegative(),
  rawBytes: z.number().int().nonnegative(),
});
export type TablePart = z.infer<typeof TablePart>;

const ManifestTable = z.object({
  schema: z.string(),
  name: z.string(),
  columns: z.array(z.string()),
  format: z.enum(['binary', 'text']),
  loaded: z.enum(['first', 'together', 'last']),
  through: z.object({ schema: z.string(), name: z.string() }).nullable(),
  extension: z.object({ name: z.string(), where: z.string() }).nullable(),
  /** Counted by the fingerprint inside the snapshot, not by the copy. */
  rows: Decimal,
  content: Decimal,
  parts: z.array(TablePart).min(1),
});
export type ManifestTable = z.infer<typeof ManifestTable>;

/**
 * The content of a recovery point, and of the database when it was taken, in one snapshot. It is written
 * last: without it there is no recovery point.
 */
export const Manifest = z.object({
  format: z.literal(MANIFEST_FORMAT),
  recoveryPoint: z.string(),
  workload: z.string(),
  database: z.string(),
  backup: z.string(),
  runId: z.string(),
  planVersion: z.string(),
  /** What a person calls it; null if nobody gave it a label. */
  label: z.string().nullable().default(null),
  /** When the snapshot was exported, by the clock of the function. */
  snapshotAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  lockedUntil: z.iso.datetime(),
  /** The newest heartbeat in the snapshot; null if there was none. */
  heartbeatAt: z.iso.datetime().nullable(),
  source: z.object({
    serverVersion: z.number().int(),
    serverVersionText: z.string(),
    encoding: z.string(),
    localeProvider: z.enum(['builtin', 'icu', 'libc']),
    collate: z.string(),
    ctype: z.string(),
    locale: z.string().nullable(),
    icuRules: z.string().nullable().default(null),
    extensions: z.array(z.object({ name: z.string(), version: z.string() })),
    /** What the database computes under. Of a manifest without them nothing is known, and the scratch server's apply. */
    settings: z.record(z.string(), z.string()).default({}),
  }),
  schema: z.object({
    fingerprint: Sha256,
    /** As the engine dumped it. Of PostgreSQL it is an archive that pg_restore reads. */
    archive: StoredContent,
    /** Roles that the schema names: a scratch server needs them. */
    roles: z.array(z.string()),
    /** Indexes that could not be used in the source either. */
    invalidIndexes: z.array(z.string()),
    /** Constraints whose violation on another server proves nothing. Null: it is not known which. */
    fragileConstraints: z
      .array(
        z.object({
          schema: z.string(),
          table: z.string(),
          name: z.string(),
          because: z.string().nullable(),
          collations: z.array(
            z.object({ schema: z.string(), name: z.string(), versions: z.array(z.string()) }),
          ),
        }),
      )
      .nullable()
      .default(null),
    /** What the source has and no restore test brings back, in words. */
    notCarried: z.array(z.string()),
  }),
  tables: z.array(ManifestTable).min(1),
  sequences: z.array(
    z.object({ schema: z.string(), name: z.string(), lastValue: Decimal, isCalled: z.boolean() }),
  ),
});
export type Manifest = z.infer<typeof Manifest>;

/** Every object that the manifest names. */
export function contentOf({ schema, tables }: Manifest): StoredContent[] {
  return [schema.archive, ...tables.flatMap(({ parts }) => parts)];
}

/** The manifest is missing, unreadable, altered, or not the one of the recovery point that was asked for. */
export class ManifestDamaged extends LifeboatError {
  override readonly name = 'ManifestDamaged';
  override readonly kind = 'damaged';
}

/** The manifest is whole and of a format that this version does not read. Nothing is known of the backup. */
export class ManifestFormatUnsupported extends LifeboatError {
  override readonly name = 'ManifestFormatUnsupported';
  override readonly kind = 'unsupported';
}

/** Whether a manifest is there and can never be read by this version. Anything else, such as a throttled call, may pass. */
export function isUnreadableManifest(error: unknown): error is ManifestDamaged | ManifestFormatUnsupported {
  return error instanceof ManifestDamaged || error instanceof ManifestFormatUnsupported;
}

/** The manifest with the sha256 of its own text, as it is stored. */
const SignedManifest = z.object({ sha256: Sha256, manifest: z.unknown() });

/** The stored form: the manifest and the sha256 of its JSON, which reveals an altered manifest. */
export function writeManifest(manifest: Manifest): string {
  return JSON.stringify({ sha256: sha256(JSON.stringify(manifest)), manifest }, null, 1);
}

/**
 * Reads and checks the manifest of a recovery point.
 *
 * @throws ManifestDamaged
 * @throws ManifestFormatUnsupported if another version of Lifeboat wrote it
 */
export async function readManifest(vault: Vault, place: RecoveryPointPlace): Promise<Manifest> {
  const key = manifestKey(place);
  let text: string;
  try {
    text = (await vault.read(key)).toString('utf8');
  } catch (cause) {
    if (cause instanceof ObjectMissing) throw new ManifestDamaged(`there is no manifest "${key}"`, { cause });
    throw cause;
  }
  return parseManifest(text, place);
}

/** Reads the manifest that a run wrote first. @throws ManifestDamaged, ManifestFormatUnsupported */
export async function readManifestOfRun(vault: Vault, of: BackupPlace, runId: string): Promise<Manifest> {
  const key = manifestKeyOfRun(of, runId);
  return parseSigned((await vault.read(key)).toString('utf8'), key, (found) => ({ ...found, ...of }));
}

/** The pure half of readManifest. @throws ManifestDamaged, ManifestFormatUnsupported */
export function parseManifest(text: string, place: RecoveryPointPlace): Manifest {
  return parseSigned(text, manifestKey(place), () => place);
}

/** @param expected whose manifest it must be, perhaps by what it says of itself */
function parseSigned(
  text: string,
  key: string,
  expected: (found: RecoveryPointPlace) => RecoveryPointPlace,
): Manifest {
  let signed: z.infer<typeof SignedManifest>;
  try {
    signed = SignedManifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new ManifestDamaged(`manifest "${key}" cannot be read`, { cause });
  }
  if (sha256(JSON.stringify(signed.manifest)) !== signed.sha256)
    throw new ManifestDamaged(`manifest "${key}" was altered: its text does not fit its sha256`);
  requireFormat(signed.manifest, key);
  const parsed = Manifest.safeParse(signed.manifest);
  if (!parsed.success)
    throw new ManifestDamaged(
      `manifest "${key}" is not of the format ${MANIFEST_FORMAT}: ${z.prettifyError(parsed.error)}`,
    );
  const { recoveryPoint, database, backup } = parsed.data;
  const place = expected({ id: recoveryPoint, database, backup });
  if (recoveryPoint !== place.id || database !== place.database || backup !== place.backup)
    throw new ManifestDamaged(`manifest "${key}" belongs to ${database}/${backup}/${recoveryPoint}`);
  return parsed.data;
}

function requireFormat(manifest: unknown, key: string): void {
  const format = (manifest as { format?: unknown } | null)?.format;
  if (format === MANIFEST_FORMAT || typeof format !== 'string') return;
  const writer = EARLIER_FORMATS[format] ?? 'a later version of Lifeboat';
  throw new ManifestFormatUnsupported(
    `manifest "${key}" is of the format ${format}, written by ${writer}; this version reads ${MANIFEST_FORMAT}`,
    {
      hint: 'Take a backup with this version and test that, or restore this one with the version that wrote it.',
    },
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
