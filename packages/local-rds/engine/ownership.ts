import { constants } from 'node:fs';
import { chown, copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { serverUser } from 'local-postgres/server-user';

/** Lets PostgreSQL's user have a file or folder; nothing where the servers run as ourselves. */
export async function give(file: string): Promise<void> {
  const user = serverUser();
  if (user) await chown(file, user.uid, user.gid);
}

/** A folder that only PostgreSQL's user may read. */
export async function makeServerFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await give(folder);
}

/** A file of PostgreSQL's user, whole or not there. */
export async function writeServerFile(file: string, text: string): Promise<void> {
  await writeWhole(file, text, give);
}

/** A file that is whole or not there, whenever the program is killed. */
export async function writeWhole(
  file: string,
  text: string | Buffer,
  prepare: (draft: string) => Promise<void> = async () => {},
): Promise<void> {
  const draft = `${file}.new`;
  await writeFile(draft, text, { mode: 0o600 });
  await prepare(draft);
  await rename(draft, file);
}

/** A copy that shares its blocks with the original where the file system can, until one of them is written to. */
export function cloneFile(from: string, to: string): Promise<void> {
  return copyFile(from, to, constants.COPYFILE_FICLONE);
}
