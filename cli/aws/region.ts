/**
 * The Region to call: AWS_REGION, which the SDKs read, or AWS_DEFAULT_REGION, which the AWS CLI reads; otherwise the plan's
 * primary Region, where `serverless deploy` put the stack. A profile's region is not asked: it is the person's own default
 * and says nothing about this workload.
 */
export function regionOf(
  { AWS_REGION: region, AWS_DEFAULT_REGION: other }: NodeJS.ProcessEnv,
  primary: string,
): string {
  return region?.trim() || other?.trim() || primary;
}
