import * as z from 'zod';

/** The machines that leave records. */
export const Machine = z.enum(['backup', 'restore-test', 'replay', 'rehydrate']);
export type Machine = z.infer<typeof Machine>;
