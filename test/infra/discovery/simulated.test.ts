/** That the simulation has the queues and functions that are deployed, with their times and sizes. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { DEPLOYED } from '../../simulation/product/product-pipeline.ts';
import { resource, resources, stack, written } from '../resources.ts';
import { removeSynthesised } from '../synth.ts';

const template = () => stack('', { clusters: 'prod', namespaces: 'ecs-services', collectors: 1 });
const propertiesOf = (id: string) => resource(template(), id).Properties;

afterAll(removeSynthesised);

describe('what the simulation takes for deployed', () => {
  it.each([
    ['observe', 'DiscoveryObserve', 'Stops'],
    ['observe', 'DiscoveryObserve', 'Runs'],
    ['store', 'DiscoveryStore', 'Changes'],
    ['register', 'DiscoveryRegister', 'Changes'],
  ] as const)('is what the template has of the stage %s: %s, %s', (stage, prefix, name) => {
    const { timeout, visibilityTimeout, batchSize, window } = DEPLOYED[stage];
    const queueId = `${prefix}Queues${name}`;
    expect(propertiesOf(`${prefix}Function`)['Timeout']).toBe(timeout / 1000);
    expect(propertiesOf(queueId)).toMatchObject({
      VisibilityTimeout: visibilityTimeout / 1000,
      RedrivePolicy: { maxReceiveCount: DEPLOYED.maxReceiveCount },
    });
    const [source] = resources(template(), 'AWS::Lambda::EventSourceMapping')
      .map(([, { Properties }]) => Properties)
      .filter(({ EventSourceArn }) => written(EventSourceArn) === `<${queueId}.Arn>`);
    expect(source).toMatchObject({
      BatchSize: batchSize,
      ScalingConfig: { MaximumConcurrency: DEPLOYED.maximumConcurrency },
    });
    expect(source?.['MaximumBatchingWindowInSeconds'] ?? 0).toBe(window / 1000);
  });

  it('is what the template has of the queue of a collector', () => {
    const { visibilityTimeout, retention } = DEPLOYED.collector;
    expect(propertiesOf('DiscoveryTargetsChangedCollector0')).toMatchObject({
      VisibilityTimeout: visibilityTimeout / 1000,
      MessageRetentionPeriod: retention / 1000,
    });
  });
});
