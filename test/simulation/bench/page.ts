import type { Measured } from './measured.ts';

/** What one seed gave. */
export interface Seeded extends Measured {
  readonly seed: number;
}

/** docs/bench.md: a row a figure, a column a seed. */
export function benchPage(figures: readonly Seeded[]): string {
  const seeds = [...new Set(figures.map(({ seed }) => seed))];
  const rows = [...new Set(figures.map(({ what }) => what))].map((what) => {
    const same = figures.filter((figure) => figure.what === what);
    const values = seeds.map((seed) => cell(same.find((figure) => figure.seed === seed)));
    return `| ${[what, ...values, same[0]?.budget ?? ''].join(' | ')} |`;
  });
  return `# Measured

Written by \`npm run bench -- --write\`: the product's own code on a simulated AWS, with AWS's default limits (three writes a
second to SSM), batches, queues and delays. Times are virtual, from the event of ECS, but for the start of the
functions: that is \`require\` of their bundles in a fresh Node on an idle machine of two cores. What target-sync takes is [measured
apart](decisions/target-sync-client.md). Bold is over the budget.

| | ${seeds.map((seed) => `seed ${seed}`).join(' | ')} | budget |
|---|${'---|'.repeat(seeds.length)}---|
${rows.join('\n')}
`;
}

const cell = (figure: Seeded | undefined): string =>
  figure === undefined ? '' : figure.kept ? figure.value : `**${figure.value}**`;
