import { appendFileSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Event } from '@aws-sdk/client-rds';
import type { Scope } from './collection.ts';
import { isDiskFull } from './disk-full.ts';
import { fromJson, toJson } from './json.ts';

/** One event of one account in one Region. */
export interface LoggedEvent extends Scope {
  readonly event: Event & { readonly Date: Date };
}

/** RDS keeps events for two weeks. */
const keptMs = 14 * 24 * 3_600_000;

const isKept = ({ Date: happened }: LoggedEvent['event'], now: Date) =>
  now.getTime() - happened.getTime() < keptMs;

/** Events in the order in which they happened, a line each, of the last 14 days. */
export class EventLog {
  readonly #file: string;
  readonly #events: LoggedEvent[];
  #bytes: number;

  constructor(folder: string, now: Date) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#file = path.join(folder, 'events.jsonl');
    const lines = read(this.#file).split('\n');
    // A program that was killed while it wrote leaves half a last line: that event is lost, the others are not.
    this.#events = lines
      .slice(0, -1)
      .map((line) => fromJson(line) as LoggedEvent)
      .filter(({ event }) => isKept(event, now));
    const kept = this.#events.map(line).join('');
    this.#bytes = Buffer.byteLength(kept);
    writeFileSync(`${this.#file}.writing`, kept, { mode: 0o600 });
    renameSync(`${this.#file}.writing`, this.#file);
  }

  append(logged: LoggedEvent): void {
    const text = line(logged);
    try {
      appendFileSync(this.#file, text);
      this.#bytes += Buffer.byteLength(text);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      // On a full disk the event is told as long as the program lives. The part that fitted would spoil the next line.
      truncateSync(this.#file, this.#bytes);
    }
    this.#events.push(logged);
  }

  /** Those of the 14 days before `now`: the program may run for longer. */
  list({ account, region }: Scope, now: Date): LoggedEvent['event'][] {
    return this.#events
      .filter((logged) => logged.account === account && logged.region === region)
      .map(({ event }) => event)
      .filter((event) => isKept(event, now));
  }
}

const line = (logged: LoggedEvent) => `${toJson(logged).replaceAll(/\n\s*/g, '')}\n`;

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
