import type { Screen } from '../../../cli/render/screen.ts';

/** A screen without colours that keeps its lines. */
export function recordingScreen(): Screen & { readonly text: () => string } {
  const lines: string[] = [];
  return {
    interactive: false,
    line: (text = '') => void lines.push(text),
    live: () => {},
    paint: (_, text) => text,
    close: () => {},
    text: () => lines.join('\n'),
  };
}
