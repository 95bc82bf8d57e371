import type { StateMachine } from './asl.ts';
import { backup } from './backup.ts';
import { rehydrate } from './rehydrate.ts';
import { replay } from './replay.ts';
import { restore } from './restore.ts';
import { restoreTest } from './restore-test.ts';
import { verify } from './verify.ts';

/** Every machine by its kind, which names its file: `backup.asl.json`. */
export const machines = {
  backup,
  'restore-test': restoreTest,
  verify,
  restore,
  replay,
  rehydrate,
} satisfies Readonly<Record<string, StateMachine>>;

/** A machine as its file holds it. */
export function fileOf(machine: StateMachine): string {
  return `${JSON.stringify(machine, null, 2)}\n`;
}
