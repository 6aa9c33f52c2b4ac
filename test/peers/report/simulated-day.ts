/** Calls of a day without a change, by tasks, as docs/bench.md has them from the simulated AWS. */
export const simulatedDay = (page: string): Record<string, number> =>
  Object.fromEntries(
    [
      ...page.matchAll(
        /^\| a day of (\d+) tasks in \d+ services, unchanged: calls on ECS, Cloud Map and SSM \| \**(\d+)\** \|/gm,
      ),
    ].map(([, tasks = '', calls]) => [tasks, Number(calls)]),
  );
