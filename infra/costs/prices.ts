/** Dollars, us-east-1, November 2026, from secondary sources: look at the price lists of AWS before you rely on one. */
export const PRICES = {
  sqsRequest: 0.4 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGigabyteSecond: 0.0000133334,
  /** Up to 64 KB; deliveries to SQS, and events of AWS services, are free. */
  snsPublish: 0.5 / 1e6,
  advancedParameter: 0.05,
  /** A parameter read or written; of the standard tier it is free, unless the higher throughput is on. */
  advancedParameterAccess: 0.05 / 10_000,
  registeredInstance: 0.1,
  customMetric: 0.3,
  alarm: 0.1,
  dashboard: 3,
  arm: { fargateCpuHour: 0.03238, fargateGigabyteHour: 0.00356 },
  x86: { fargateCpuHour: 0.04048, fargateGigabyteHour: 0.004445 },
  natGatewayHour: 0.045,
  publicAddressHour: 0.005,
  /** On demand, Linux. */
  instanceHour: { 't4g.micro': 0.0084, 't4g.small': 0.0168, 't4g.medium': 0.0336, 't3.small': 0.0208 },
  /** gp3, a month. */
  diskGigabyte: 0.08,
  hostedZone: 0.5,
  /** A sample that AMP takes, of the first two billion a month. */
  sample: 0.9 / 1e7,
} as const;

/** Hours of a month. */
export const HOURS = 730;
