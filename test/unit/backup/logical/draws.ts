/** Numbers that look random and are the same in every run: mulberry32. A failing draw is found again by its seed. */
export function draws(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    /** From 0 to `below`, without it. */
    number: (below: number): number => Math.floor(next() * below),
    /** Compresses by about half, as rows do. */
    bytes: (length: number): Buffer =>
      Buffer.from(Uint8Array.from({ length }, () => 97 + Math.floor(next() * 16))),
  };
}
