/**
 * Google's front ends and health checks, which are where its load balancers' connections come from.
 *
 * @see https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges
 */
export const GOOGLE = ['130.211.0.0/22', '35.191.0.0/16'] as const;
