/** One figure beside its budget. */
export interface Measured {
  readonly what: string;
  readonly value: string;
  readonly budget: string;
  readonly kept: boolean;
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

/** @param share 0.5 is the median, 1 the largest; NaN where there are no values, which keeps no budget */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

export const atMost = (what: string, milliseconds: number, budget: number): Measured => ({
  what,
  value: seconds(milliseconds),
  budget: `≤ ${seconds(budget)}`,
  kept: milliseconds <= budget,
});

export const none = (what: string, count: number): Measured => ({
  what,
  value: String(count),
  budget: '0',
  kept: count === 0,
});
