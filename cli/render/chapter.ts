import type { Screen } from './screen.ts';

/** A numbered heading. */
export function showChapter({ aside, paint }: Screen, chapter: number, words: string): void {
  aside();
  aside(paint('bold', `${chapter}  ${words}`));
}
