/** What a function costs before it does anything: bytes, the time until it is ready, and money. These times are real. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENT } from '../../../functions/discovery/names.ts';
import { buildBundles } from '../../../infra/build/build-bundles.ts';
import { bundleName, FUNCTION_ENTRIES, functionFolder } from '../../../infra/build/function-bundles.ts';
import { discoveryCosts, total } from '../../../infra/costs/costs.ts';
import { IDLE } from '../../../infra/costs/fleet.ts';
import { type Measured, quantile } from './measured.ts';

const BUDGET = { bytes: 150 * 1024, milliseconds: 250, dollars: 10 };
/** Each in a process of its own. */
const STARTS = 9;
/** The part of Lambda that a start here leaves out is AWS's. The SDK is in `node_modules`, as it is in the runtime. */
const START = `const began = performance.now(); require(process.argv[1]); process.stdout.write(String(performance.now() - began))`;
const SETTINGS: Readonly<Record<string, string>> = {
  AWS_REGION: 'us-east-1',
  [ENVIRONMENT.deployment]: 'discovery',
  [ENVIRONMENT.clusters]: 'prod',
  [ENVIRONMENT.here]: 'arn:aws:ecs:us-east-1:111122223333',
  [ENVIRONMENT.shards]: '1',
  [ENVIRONMENT.shardTier]: 'Standard',
  [ENVIRONMENT.resyncRemovalLimitPercent]: '50',
  [ENVIRONMENT.topicArn]: 'arn:aws:sns:us-east-1:111122223333:targets',
  [ENVIRONMENT.queueUrls]: 'https://sqs.us-east-1.amazonaws.com/111122223333/queue',
  [ENVIRONMENT.deadLetterQueueUrl]: 'https://sqs.us-east-1.amazonaws.com/111122223333/dead-letters',
};

export async function footprint(): Promise<Measured[]> {
  await buildBundles();
  const bundles = FUNCTION_ENTRIES.map((entry) => ({
    name: bundleName(entry),
    path: join(functionFolder(entry), 'index.js'),
  }));
  const fixed = total(discoveryCosts(IDLE));
  return [
    ...bundles.map(({ name, path }) => {
      const { size } = statSync(path);
      const value = `${(size / 1024).toFixed(0)} KB`;
      return { what: `bundle of ${name}`, value, budget: '≤ 150 KB', kept: size <= BUDGET.bytes };
    }),
    ...bundles.map(({ name, path }) => {
      const median = quantile(
        Array.from({ length: STARTS }, () => start(path)),
        0.5,
      );
      const value = `${median.toFixed(0)} ms`;
      return {
        what: `start of ${name}, median of ${STARTS}`,
        value,
        budget: '≤ 250 ms',
        kept: median <= BUDGET.milliseconds,
      };
    }),
    {
      what: 'fixed cost a month, with the defaults, without a collector',
      value: `$${fixed.toFixed(2)}`,
      budget: `≤ $${BUDGET.dollars}`,
      kept: fixed <= BUDGET.dollars,
    },
  ];
}

/** @returns milliseconds */
const start = (path: string): number =>
  Number(
    execFileSync(process.execPath, ['-e', START, path], { encoding: 'utf8', env: { ...process.env, ...SETTINGS } }),
  );
