/** The call makes no sense as it stands; the message says which would. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}
