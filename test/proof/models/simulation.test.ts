/** What the programs of the simulation send, and what its AWS answers, against AWS's own service models. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from '../../fast-check.ts';
import { KINDS } from '../../simulation/kinds.ts';
import { wireProduct } from '../../simulation/product/product-pipeline.ts';
import { type StoryKind, stories } from '../../simulation/stories.ts';
import { tellToTheEnd } from '../../simulation/story.ts';
import { deploy } from '../deployed/deployment.ts';
import { recordDay } from '../iam/recorded-day.ts';
import { SOURCE } from '../iam/recorder.ts';
import { problemsOf } from './check.ts';
import { loadServiceModels, type ServiceModels } from './service-models.ts';
import { watched } from './watched-world.ts';

/** Stories of each kind. Every one sends thousands of requests, and they differ in when, not in what. */
const STORIES = 2;

let models: ServiceModels;
/** Operations by the name of the program. */
const sentBy = new Map<string, Set<string>>();

beforeAll(async () => {
  models = await loadServiceModels();
}, 300_000);

describe('in the simulation', () => {
  it.each(Object.entries<StoryKind>(KINDS))('requests and answers are those of AWS: %s', async (_, kind) => {
    const problems = new Set<string>();
    const wire = watched(wireProduct, {
      exchange: (exchange) => {
        for (const problem of problemsOf(models, exchange)) problems.add(problem);
      },
      request: ({ from, command }) => {
        const [program = ''] = /^[a-z-]+/.exec(from) ?? [];
        sentBy.set(program, (sentBy.get(program) ?? new Set()).add(command));
      },
    });
    for (const story of fc.sample(stories(kind), { seed: 1, numRuns: STORIES })) await tellToTheEnd(story, wire);
    expect([...problems]).toEqual([]);
  });

  it('no program sends what the recorded day does not: IAM was asked about all of it', async () => {
    const network = { vpcId: 'vpc-0123456789abcdef0', subnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1' };
    const clusters = 'prod,arn:aws:ecs:eu-north-1:444455556666:cluster/prod';
    const deployment = deploy({ clusters, namespaces: 'ecs-services', collector: true, ...network });
    const day = await recordDay(deployment);
    const recorded = (name: string) =>
      new Set(day.filter(({ from }) => from === name || from === SOURCE).map(({ operation }) => operation));
    expect([...sentBy.keys()].sort()).toEqual(['observe', 'register', 'resync', 'store', 'target-sync']);
    for (const [program, operations] of sentBy) {
      const known = recorded(program === 'target-sync' ? 'discovery-collector-0' : program);
      expect([...operations].filter((operation) => !known.has(operation))).toEqual([]);
    }
  });
});
