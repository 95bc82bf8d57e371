/** Cases that MiniStack 1.5.33 ends otherwise than the documentation of AWS says, and why; the simulator follows the documentation. */
export const knownDifferences: Readonly<Record<string, string>> = {};
