import type { Command } from 'commander';
export function addPlanCheck(_program: Command): void {}
