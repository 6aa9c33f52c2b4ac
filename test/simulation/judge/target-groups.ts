/** Target groups in a form that can be compared. */

export type Labels = Readonly<Record<string, string>>;

export interface Group {
  readonly targets: readonly string[];
  readonly labels: Labels;
}

/** Target groups as text that does not depend on any order. */
export const canonical = (groups: readonly Group[]): string =>
  groups
    .map(({ targets, labels }) => {
      const pairs = Object.keys(labels)
        .sort()
        .map((name) => `${name}=${labels[name]}`);
      return `${targets.join()} ${pairs.join(' ')}`;
    })
    .sort()
    .join('\n');

/** Groups by task. */
export const byTask = (groups: readonly Group[]): Map<string, string> =>
  new Map([...Map.groupBy(groups, ({ labels }) => labels['taskid'] ?? '')].map(([id, some]) => [id, canonical(some)]));
