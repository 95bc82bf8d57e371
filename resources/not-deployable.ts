/** The plan cannot be deployed as one stack. */
export class NotDeployable extends Error {
  override readonly name = 'NotDeployable';
}
