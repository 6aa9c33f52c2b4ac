/** What a rule does with series that a test makes up. */
export interface AlertCase {
  /** Name of the alert. */
  readonly alert: string;
  /** The sentence that it proves, after "fires …" or "is quiet …". */
  readonly when: string;
  /** One sample a minute, in promtool's notation: `1x60` is 61 times 1, `_` no sample, `stale` the end of a series. */
  readonly series: Readonly<Record<string, string>>;
  /** When it is looked at, such as `12m`. */
  readonly at: string;
  /** The alerts that there are then, by their labels (without `alertname` and `severity`), with their summaries. */
  readonly fires: readonly { readonly labels: Readonly<Record<string, string>>; readonly summary: string }[];
}

export const SERVICE = { cluster: 'prod', service: 'web' };

/** The series `up` of a task of a service. */
export const up = (task: string, { cluster, service }: Partial<typeof SERVICE> = SERVICE): string =>
  `up{job="ecs",cluster="${cluster}",${service === undefined ? '' : `service="${service}",`}taskid="${task}",instance="10.0.0.1"}`;

/** The series `up` of several tasks of one service, with the same values. */
export const ups = (count: number, values: string, of?: Partial<typeof SERVICE>): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [up(`${values}-${index}`, of), values]));
