import type { Screen } from '../../../cli/render/screen.ts';
import { Shown, type Text } from '../../../cli/render/shown.ts';

/** A screen without colours that keeps its lines, as a terminal would show them. */
export function recordingScreen(columns: number | null = null): Screen & { readonly text: () => string } {
  const lines: string[] = [];
  const line = (text: Text = '') => void lines.push(Shown.of(text).ansi);
  return {
    interactive: false,
    columns,
    line,
    aside: line,
    live: () => {},
    paint: (_, text) => Shown.of(text),
    close: () => {},
    text: () => lines.join('\n'),
  };
}
