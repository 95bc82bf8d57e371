/** Where the evidence of a run lies in the vault. */
export function evidenceKey(machine: string, runId: string): string {
  return `evidence/${machine}/${runId}/run.json`;
}

/** Where a run leaves its checks until the evidence takes them in: they may be too many for a task's answer. */
export function checksKey(machine: string, runId: string): string {
  return `evidence/${machine}/${runId}/checks.json`;
}
