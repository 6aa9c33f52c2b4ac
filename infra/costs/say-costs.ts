/** Says what the stacks cost before they are deployed: the CDK's command line shows it at `synth`, `diff` and `deploy`. */
import { Annotations, type Stack } from 'aws-cdk-lib';
import { total } from './costs.ts';
import { HOURS, PRICES } from './prices.ts';
import { stackCosts } from './stack-costs.ts';

/** Acknowledge it where it has been read often enough. */
export const COSTS_MESSAGE = 'ecs-prometheus-discovery:costs';

export interface CostsOptions {
  /** Of the collectors; undefined where there are none. */
  readonly scrapeIntervalSeconds: number | undefined;
}

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

/** Every stack says what it costs, and the first one what all cost together. */
export function sayCosts(stacks: readonly Stack[], { scrapeIntervalSeconds }: CostsOptions): void {
  const each = stacks.map((stack) => ({ stack, ...stackCosts(stack) }));
  for (const [index, { stack, costs, unpriced }] of each.entries()) {
    const items = costs.map(({ item, dollars: amount }) => `${item} ${dollars(amount)}`);
    const parts = [...items, ...unpriced];
    const own = `This stack costs about ${dollars(total(costs))} a month (${parts.join(', ') || 'nothing by the hour'}).`;
    const sum = total(each.flatMap((one) => one.costs));
    const all = index === 0 && each.length > 1 ? ` All ${each.length} stacks: about ${dollars(sum)}.` : '';
    Annotations.of(stack).addInfoV2(COSTS_MESSAGE, own + all + (index === 0 ? byUse(scrapeIntervalSeconds) : ''));
  }
}

function byUse(scrapeIntervalSeconds: number | undefined): string {
  const rest = 'a dollar or two for requests, logs and traffic. Prices of us-east-1: docs/costs.md.';
  if (scrapeIntervalSeconds === undefined) return ` Use comes on top: ${rest}`;
  const samples = (1000 * HOURS * 3600) / scrapeIntervalSeconds;
  return ` Use comes on top: ${dollars(samples * PRICES.sample)} for every 1,000 series that are scraped every ${scrapeIntervalSeconds} s, ${rest}`;
}
