import { type Entry, titleOf } from '../archive/entry.ts';

const titles = new WeakMap<object, string>();

/** Remembers which entry the server refused. The error stays as the server sent it. */
export function rememberEntry(error: unknown, entry: Entry): void {
  if (error instanceof Error) titles.set(error, titleOf(entry));
}

/** The entry that the server refused with this error, such as `INDEX public.contacts_email`. */
export function entryThatFailed(error: Error): string | undefined {
  return titles.get(error);
}
