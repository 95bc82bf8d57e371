import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';

type Format = Parameters<typeof styleText>[0];

/** Shows a person what a command is doing. Results for programs do not go here. */
export interface Screen {
  /** Whether lines can be replaced: true for a terminal, false for a pipe or log. */
  readonly interactive: boolean;
  /** Prints a permanent line. */
  line(text?: string): void;
  /**
   * Shows current activity, polled until replaced; null ends it. A terminal shows it in one line at the bottom.
   * A log gets a line occasionally, when the text differs from the last.
   */
  live(render: (() => string) | null): void;
  /** Colours, if the stream supports them and NO_COLOR is not set. */
  paint(format: Format, text: string): string;
  /** Ends the live line. */
  close(): void;
}

const FRAME_MS = 100;
const LOG_MS = 5_000;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Creates a screen on a stream. */
export function createScreen(stream: NodeJS.WriteStream): Screen {
  const interactive = stream.isTTY && process.env.TERM !== 'dumb';
  return interactive ? terminal(stream) : log(stream);
}

function terminal(stream: NodeJS.WriteStream): Screen {
  const update = createLogUpdate(stream);
  const paint = painter(stream);
  let timer: NodeJS.Timeout | undefined;
  let render: (() => string) | null = null;
  const draw = () => {
    if (!render) return;
    const frame = FRAMES[Math.floor(Date.now() / FRAME_MS) % FRAMES.length] ?? '';
    update(`  ${paint('cyan', frame)} ${fitted(render(), stream.columns - 5)}`);
  };
  const self: Screen = {
    interactive: true,
    paint,
    line(text = '') {
      update.clear();
      stream.write(`${text}\n`);
      draw();
    },
    live(next) {
      render = next;
      if (!render) update.clear();
      draw();
      timer ??= setInterval(draw, FRAME_MS);
    },
    close() {
      clearInterval(timer);
      timer = undefined;
      render = null;
      update.clear();
      update.done(); // shows the cursor again
    },
  };
  return self;
}

function log(stream: NodeJS.WriteStream): Screen {
  let timer: NodeJS.Timeout | undefined;
  let last = '';
  return {
    interactive: false,
    paint: painter(stream),
    line: (text = '') => void stream.write(`${text}\n`),
    live(render) {
      clearInterval(timer);
      if (!render) return;
      timer = setInterval(() => {
        const text = render();
        if (text !== last) stream.write(`  … ${text}\n`);
        last = text;
      }, LOG_MS);
    },
    close: () => clearInterval(timer),
  };
}

function painter(stream: NodeJS.WriteStream): Screen['paint'] {
  return (format, text) => styleText(format, text, { stream });
}

/**
 * A live line that wraps would leave its first half on the screen.
 * Live text has no colours, so its length is its width.
 */
function fitted(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;
}
