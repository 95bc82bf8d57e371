/** Where the evidence of a run lies in the vault. */
export function evidenceKey(machine: string, runId: string): string {
  return `evidence/${machine}/${runId}/run.json`;
}

/**
 * Where an execution leaves the checks of its run until the evidence takes them in: they may be too many for a task's answer. Each
 * execution has a place of its own. One that takes a run up restores again, perhaps another recovery point, and the checks of
 * the execution before it say nothing of that.
 */
export function checksKey(machine: string, run: { runId: string; runStartedAt: string }): string {
  return `evidence/${machine}/${run.runId}/checks-${run.runStartedAt.replace(/[-:.]/g, '')}.json`;
}
