import * as z from 'zod';

/** What the primary Region says of its fence with each renewal. A failover reads it where the database cannot be asked. */
export interface LeaseNote {
  /** How long the renewal is for. A failover that has another plan waits for the longer of both. */
  readonly validMs: number;
  /** What the fence lacks, in words. Empty: every table of the plan is fenced. */
  readonly gaps: readonly string[];
}

const Note = z.object({ validMs: z.number().int().positive(), gaps: z.array(z.string()) });

export function writeNote(note: LeaseNote): string {
  return JSON.stringify(note);
}

/** @returns null where there is none, or none that this version reads: then nothing is known of the fence */
export function readNote(text: string | undefined): LeaseNote | null {
  try {
    const note = Note.safeParse(JSON.parse(text ?? 'null'));
    return note.success ? note.data : null;
  } catch {
    return null;
  }
}

/** The name of the lock that is a database's lease. */
export function leaseName(workload: string, database: string): string {
  return `writer#${workload}/${database}`;
}
