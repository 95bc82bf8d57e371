import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';

type Format = Parameters<typeof styleText>[0];

/** Where a command tells a person what happens. Results for programs do not go here. */
export interface Screen {
  /** Whether lines can be replaced: a terminal, and no pipe or log. */
  readonly interactive: boolean;
  /** A line that stays. */
  line(text?: string): void;
  /**
   * What is going on, asked for again and again until it is replaced; null ends it. A terminal shows it in one line at
   * the bottom; a log gets a line now and then, where it differs from the last.
   */
  live(render: (() => string) | null): void;
  /** Colours, where the stream has them and NO_COLOR does not forbid them. */
  paint(format: Format, text: string): string;
  /** Ends what is live. */
  close(): void;
}

const FRAME_MS = 100;
const LOG_MS = 5_000;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** A screen on a stream. */
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
      update.done(); // gives the cursor back
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

/** A live line that wraps would leave its first half behind. Live text has no colours, so its length is its width. */
function fitted(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;
}
