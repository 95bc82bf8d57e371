import type { Screen } from './screen.ts';

/** A numbered heading. */
export function showChapter({ line, paint }: Screen, chapter: number, words: string): void {
  line();
  line(paint('bold', `${chapter}  ${words}`));
}
