import type { Command } from 'commander';
export function addLocal(_program: Command): void {}
