/** What a rehearsal asks for cannot be done to what there is. The message says why, and what could be. */
export class RehearsalRefused extends Error {
  override readonly name = 'RehearsalRefused';
}
