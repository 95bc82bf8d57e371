import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import { Shown, shown, type Text } from './shown.ts';
import { fitted } from './width.ts';

type Format = Parameters<typeof styleText>[0];

/** Shows a person what a command is doing. Results for programs do not go here. */
export interface Screen {
  /** Whether lines can be replaced: true for a terminal, false for a pipe or log. */
  readonly interactive: boolean;
  /** The terminal's width now; null where no terminal limits it. */
  readonly columns: number | null;
  /** Prints a permanent line. A plain string is made visible: no text from outside can add a line or control the terminal. */
  line(text?: Text): void;
  /** Prints a line about the way to the result: a step, a hint. `--quiet` leaves it out. */
  aside(text?: Text): void;
  /**
   * Shows current activity, polled until replaced; null ends it. A terminal shows it in one line at the bottom.
   * A log gets a line occasionally, when the text differs from the last.
   */
  live(render: (() => string) | null): void;
  /** Colours, if the stream supports them and NO_COLOR is not set. The text is made visible first. */
  paint(format: Format, text: Text): Shown;
  /** Ends the live line. */
  close(): void;
}

const FRAME_MS = 100;
const LOG_MS = 5_000;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** The longest line: a reason of a state machine, and words around it. */
const LONGEST_LINE = 40_000;

/** Creates a screen on a stream. Quiet, it shows results only. */
export function createScreen(stream: NodeJS.WriteStream, { quiet = false } = {}): Screen {
  const interactive = stream.isTTY && process.env.TERM !== 'dumb';
  const screen = interactive ? terminal(stream) : log(stream);
  return quiet ? { ...screen, aside: () => {}, live: () => {} } : screen;
}

function terminal(stream: NodeJS.WriteStream): Screen {
  const update = createLogUpdate(stream);
  const paint = painter(stream);
  let timer: NodeJS.Timeout | undefined;
  let render: (() => string) | null = null;
  const draw = () => {
    if (!render) return;
    const frame = FRAMES[Math.floor(Date.now() / FRAME_MS) % FRAMES.length] ?? '';
    // A live line that wraps would leave its first half on the screen.
    const text = fitted(Shown.of(render()).plain, Math.max(2, (stream.columns || 80) - 5));
    update(shown`  ${paint('cyan', frame)} ${text}`.ansi);
  };
  const line = (text: Text = '') => {
    update.clear();
    stream.write(`${Shown.of(text, LONGEST_LINE).ansi}\n`);
    draw();
  };
  return {
    interactive: true,
    get columns() {
      return stream.columns || null; // 0 where the terminal does not say
    },
    paint,
    line,
    aside: line,
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
}

function log(stream: NodeJS.WriteStream): Screen {
  let timer: NodeJS.Timeout | undefined;
  let last = '';
  const line = (text: Text = '') => void stream.write(`${Shown.of(text, LONGEST_LINE).ansi}\n`);
  return {
    interactive: false,
    columns: null,
    paint: painter(stream),
    line,
    aside: line,
    live(render) {
      clearInterval(timer);
      if (!render) return;
      timer = setInterval(() => {
        const text = render();
        if (text !== last) line(`  … ${text}`);
        last = text;
      }, LOG_MS);
    },
    close: () => clearInterval(timer),
  };
}

function painter(stream: NodeJS.WriteStream): Screen['paint'] {
  return (format, text) => Shown.of(text).painted((ansi) => styleText(format, ansi, { stream }));
}
