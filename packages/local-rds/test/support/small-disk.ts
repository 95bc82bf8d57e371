import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A file system of its own, so small that a test can fill it. */
export interface SmallDisk {
  readonly folder: string;
  /** Writes until nothing more fits. */
  fill(): void;
  /** Removes what `fill` wrote. */
  free(): void;
  remove(): void;
}

/** Mounting takes root, or sudo without a password. */
const asRoot = (command: string, ...args: string[]) =>
  process.getuid?.() === 0
    ? execFileSync(command, args, { stdio: 'pipe' })
    : execFileSync('sudo', ['-n', command, ...args], { stdio: 'pipe' });

/** Mounts a disk of that many KiB, as `name` below a new folder. */
export function smallDisk(kib: number, name = 'disk'): SmallDisk {
  const parent = mkdtempSync(path.join(tmpdir(), 'small-disk-'));
  chmodSync(parent, 0o711); // the servers' user must pass
  const folder = path.join(parent, name);
  mkdirSync(folder);
  const owner = `uid=${process.getuid?.()},gid=${process.getgid?.()}`;
  asRoot('mount', '-t', 'tmpfs', '-o', `size=${kib}k,${owner}`, 'tmpfs', folder);
  const fillings: string[] = [];
  return {
    folder,
    fill() {
      for (let bytes = 65_536; bytes >= 1; bytes = Math.floor(bytes / 4))
        for (;;) {
          const file = path.join(folder, `filling-${fillings.length}`);
          fillings.push(file);
          try {
            writeFileSync(file, Buffer.alloc(bytes, 1));
          } catch {
            break;
          }
        }
    },
    free() {
      for (const file of fillings.splice(0)) rmSync(file, { force: true });
    },
    remove() {
      asRoot('umount', folder);
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

/** Whether this machine lets a test mount one. */
export function canMount(): boolean {
  try {
    smallDisk(64).remove();
    return true;
  } catch {
    return false;
  }
}
