import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { encodeShard, PARAMETER_BYTES } from '../../functions/discovery/shard/shard-codec.ts';
import { shardOfTask } from '../../functions/discovery/shard/shard-of-task.ts';
import type { TimedTargets } from '../../functions/discovery/target/target-groups.ts';
import type { TaskTargets } from '../../functions/discovery/target/task-targets.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import { alarmsOf, collectorCost, discoveryCosts, total } from '../../infra/costs/costs.ts';
import { type Fleet, IDLE, shardsFor } from '../../infra/costs/fleet.ts';
import { requestsPerDay, sidecarRequestsPerDay } from '../../infra/costs/requests.ts';
import { costTable, FLEETS, fixedCost } from '../../infra/costs/table.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { appOf } from '../infra/synth.ts';
import { requestsOfADay } from './a-day.ts';
import { alarmsIn } from './alarms.ts';
import { pageOf, sectionOf } from './pages.ts';

const page = readFileSync(join(PROJECT_ROOT, 'docs/costs.md'), 'utf8');
const fleet = (changes: Partial<Fleet>): Fleet => ({ ...(FLEETS[0] as Fleet), ...changes });

describe('docs/costs.md', () => {
  it('has the table that npm run costs writes', () => {
    expect(page).toContain(`\n\n${costTable(FLEETS)}\n\n${fixedCost()}\n\n`);
  });

  it.each([
    fleet({}),
    fleet({ services: 40, tasks: 240, changesPerDay: 40 }),
    fleet({ services: 5, tasks: 100, changesPerDay: 100 }),
  ])('counts no fewer requests than the shipped code makes, and not many more: %j', async (of) => {
    const { services, tasks, changesPerDay: changes, shards } = of;
    const made = await requestsOfADay({ services, tasks, changes, shards, resyncs: 8 });
    const bound = requestsPerDay(of);
    for (const service of ['ecs', 'cloudMap', 'ssm'] as const) {
      expect([service, made[service] <= bound[service]]).toEqual([service, true]);
    }
    const sum = (counts: typeof made): number => counts.ecs + counts.cloudMap + counts.ssm;
    expect(sum(made) * 1.3).toBeGreaterThan(sum(bound));
  });

  it('counts the sidecar’s requests as the reference makes them: 203 every 30 seconds for 100 services', () => {
    expect(sidecarRequestsPerDay({ services: 100 })).toBe(203 * 2 * 60 * 24);
  });

  it.each([
    [0, false],
    [0, true],
    [3, true],
  ])('counts the alarms that there are, with %d collectors and Cloud Map: %s', (collectors, cloudMap) => {
    const app = appOf({ clusters: 'prod', collectors, ...(cloudMap && { namespaces: 'ecs-services' }) });
    expect(alarmsIn(app)).toHaveLength(alarmsOf({ collectors, cloudMap }));
  });

  it('says that the defaults cost at most $10 a month while nothing happens', () => {
    expect(total(discoveryCosts(IDLE))).toBeLessThanOrEqual(10);
    expect(total(discoveryCosts(IDLE))).toBeGreaterThan(5);
  });
});

describe('README.md', () => {
  it('says what the table says, in whole dollars', () => {
    const dollars = (of: Fleet, isCounted: (item: string) => boolean = () => true): string =>
      `$${total(discoveryCosts(of).filter(({ item }) => isCounted(item))).toFixed(0)}`;
    const [small, middle, large] = FLEETS.map((of) => dollars(of));
    const calm = FLEETS.map((of) => dollars(of, (item) => !item.startsWith('CloudWatch')));
    const section = sectionOf(pageOf('README.md'), 'What it costs').replaceAll('\n', ' ');
    expect(section).toContain(
      `about ${small} a month with its defaults, ${middle} for 1,000 tasks and ${large} for 10,000`,
    );
    expect(section).toContain(`without them it is ${calm[0]}, ${calm[1]} and ${calm[2]}`);
    expect(section).toContain(`A collector on Fargate is $${collectorCost(FLEETS[0] as Fleet).toFixed(0)}`);
  });
});

describe('one shard for every 60 tasks', () => {
  /** Two targets each, of many services, with addresses that do not repeat themselves: little to compress. */
  const task = (number: number): TaskTargets => ({
    taskId: ((BigInt(number + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n) % (1n << 128n))
      .toString(16)
      .padStart(32, '0') as TaskId,
    version: 3 + (number % 7),
    address: `10.${number % 13}.${(number * 37) % 256}.${(number * 101) % 256}`,
    labels: {
      cluster: 'production',
      service: `service-${number % 200}`,
      taskdefinition: `service-${number % 200}`,
      namespace: 'ecs-services',
    },
    targets: [3000, 9779].map((port) => ({ port, labels: { __metrics_path__: '/metrics' } })),
  });

  it.each([
    ['Advanced', 1],
    ['Standard', 2],
  ] as const)('leaves room in tier %s while all tasks are replaced at once', (tier, factor) => {
    const tasks = 1000;
    const shards = shardsFor(tasks) * factor;
    const contents = Array.from({ length: shards }, () => new Map<TaskId, TimedTargets>());
    for (let number = 0; number < 2 * tasks; number++) {
      const targets = task(number);
      contents[shardOfTask(targets.taskId, shards)]?.set(targets.taskId, { targets, observed: 1_795_000_000 + number });
    }
    const limit = PARAMETER_BYTES[tier];
    for (const content of contents) {
      expect(encodeShard({ base: 1, shard: { tasks: content, removed: new Map() } }, limit)).toBeDefined();
    }
  });
});
