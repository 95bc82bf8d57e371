/**
 * The Region to call: AWS_REGION, which the SDKs read, or AWS_DEFAULT_REGION, which the AWS CLI reads; otherwise the plan's
 * primary Region, where `lifeboat deploy` put the stack. A profile's region is not asked: it is the person's own default
 * and says nothing about this workload.
 */
export function regionOf(
  { AWS_REGION: region, AWS_DEFAULT_REGION: other }: NodeJS.ProcessEnv,
  primary: string,
): string {
  return region?.trim() || other?.trim() || primary;
}

/** The Region with this role in the plan, or the one that the environment names where no role is given. */
export function regionWith(
  role: 'primary' | 'standby' | undefined,
  { primary, standby }: { readonly primary: string; readonly standby: string },
): string {
  if (role === undefined) return regionOf(process.env, primary);
  return role === 'standby' ? standby : primary;
}
