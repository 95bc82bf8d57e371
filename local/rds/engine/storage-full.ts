import type { ClusterLayout } from './layout.ts';
export async function setStorageFull(_layout: ClusterLayout, _full: boolean): Promise<void> {}
