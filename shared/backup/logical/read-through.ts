import type { Vault } from '../../vault/vault.ts';
import { StoredBackupUnproven } from '../stored-backup-unproven.ts';
import type { Manifest, ManifestTable, StoredContent, TablePart } from './manifest.ts';
import { faultOf, type Keeping } from './prove-stored.ts';
import { RecoveryPointDamaged, readRows, readStoredSchema } from './read-stored.ts';

/** Objects that are read at once: what one vCPU hashes and unpacks while others wait for the network. */
const AT_ONCE = 4;

export interface ReadThrough {
  /** The first object that is not read yet; null once all are. */
  readonly next: number | null;
  readonly objects: number;
  /** Of the objects that this call read, as they are stored. */
  readonly storedBytes: number;
}

/**
 * Reads every byte of a recovery point, from one object on: as far as the time allows. Each object is compared with what the
 * manifest says of it: its hash, the seal of each block, the length of its rows, its lock and its key. Nothing is loaded anywhere.
 *
 * @param options.from the first object to read; 0 begins
 * @param options.until no object is begun after it
 * @param options.onObject told of each object that is read, with its size
 * @returns how far it came. Called again with its `next`, it goes on
 * @throws RecoveryPointDamaged, BlockDamaged naming the object; StoredBackupUnproven where it is whole and not kept as the plan
 *   demands; the reason of the signal
 */
export async function readThrough(
  vault: Vault,
  manifest: Manifest,
  options: {
    readonly from: number;
    readonly until: Date;
    readonly now: () => Date;
    readonly keeping: Keeping;
    readonly signal: AbortSignal;
    readonly onObject?: (storedBytes: number) => void;
  },
): Promise<ReadThrough> {
  const { from, until, now, keeping, signal, onObject } = options;
  const objects = readings(manifest);
  let storedBytes = 0;
  let begun = from;
  let failed: unknown = null;
  const readers = Array.from({ length: AT_ONCE }, async () => {
    // The first one is always begun, so that each call comes further.
    while (begun < objects.length && failed === null && (begun === from || now() < until)) {
      const reading = objects[begun++];
      if (!reading) return;
      try {
        signal.throwIfAborted();
        await reading.read(vault, signal);
        await requireKept(vault, reading.content, new Date(manifest.lockedUntil), keeping);
      } catch (cause) {
        failed ??= cause;
        return;
      }
      storedBytes += reading.content.bytes;
      onObject?.(reading.content.bytes);
    }
  });
  await Promise.all(readers);
  if (failed !== null) throw failed;
  return { next: begun < objects.length ? begun : null, objects: objects.length, storedBytes };
}

interface Reading {
  readonly content: StoredContent;
  read(vault: Vault, signal: AbortSignal): Promise<void>;
}

function readings(manifest: Manifest): Reading[] {
  return [
    {
      content: manifest.schema.archive,
      read: async (vault) => {
        await readStoredSchema(vault, manifest);
      },
    },
    ...manifest.tables.flatMap((table) =>
      table.parts.map((part) => ({
        content: part,
        read: (vault: Vault, signal: AbortSignal) => readPart(vault, manifest, table, part, signal),
      })),
    ),
  ];
}

async function readPart(
  vault: Vault,
  manifest: Manifest,
  table: ManifestTable,
  part: TablePart,
  signal: AbortSignal,
): Promise<void> {
  let rawBytes = 0;
  for await (const block of readRows(vault, manifest, table, part)) {
    signal.throwIfAborted();
    rawBytes += block.length;
  }
  if (rawBytes !== part.rawBytes)
    throw new RecoveryPointDamaged(
      `"${part.key}" unpacks to ${rawBytes} bytes of rows, ${part.rawBytes} were written`,
    );
}

async function requireKept(
  vault: Vault,
  content: StoredContent,
  lockedUntil: Date,
  keeping: Keeping,
): Promise<void> {
  const fault = faultOf(content, await vault.inspect(content), lockedUntil, keeping);
  if (fault)
    throw new StoredBackupUnproven(`"${content.key}" ${fault}`, {
      hint: "Check the bucket's Object Lock and its KMS key. A lock can always be extended: docs/runbook.md says how.",
    });
}
