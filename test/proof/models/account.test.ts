/** What the deployed parts send in the account of the tests, and what it answers, against AWS's own service models. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registrationOf } from '../../../functions/discovery/target/registration.ts';
import { targetsOf } from '../../factories/stages.ts';
import { aTask } from '../../factories/tasks.ts';
import fc from '../../fast-check.ts';
import { type Context, removeSynthesised } from '../../infra/synth.ts';
import { deploy } from '../deployed/deployment.ts';
import { asksOf } from '../iam/asks.ts';
import { recordDay } from '../iam/recorded-day.ts';
import type { Sent } from '../iam/recorder.ts';
import { problemsOf } from './check.ts';
import { loadServiceModels, type Service, type ServiceModels } from './service-models.ts';

let models: ServiceModels;

beforeAll(async () => {
  models = await loadServiceModels();
}, 300_000);
afterAll(removeSynthesised);

/** Actions of IAM begin with the name that botocore has for the service. */
const serviceOf = (sent: Sent): Service => asksOf(sent)[0]?.action.split(':')[0] as Service;

describe('in the account of the tests', () => {
  const network = { vpcId: 'vpc-0123456789abcdef0', subnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1' };
  it.each<[string, Context]>([
    ['with Cloud Map, tags and a collector', { namespaces: 'ecs-services', tagLabels: 'team', shards: 12, ...network }],
    ['with a cluster elsewhere', { clusters: 'prod,arn:aws:ecs:eu-north-1:444455556666:cluster/prod' }],
    ['with little', { shardTier: 'Standard', shards: 1 }],
  ])('requests and answers are those of AWS: %s', async (_, settings) => {
    const day = await recordDay(deploy({ clusters: 'prod', collector: 'vpcId' in settings, ...settings }));
    expect(day.length).toBeGreaterThan(20);
    expect(day.flatMap((sent) => problemsOf(models, { ...sent, service: serviceOf(sent) }))).toEqual([]);
  });
});

describe('a registration', () => {
  it('is one that Cloud Map takes, whatever the path of the metrics', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (path) => {
        const targets = targetsOf({}, { targets: [{ port: 3000, labels: { __metrics_path__: `/${path}` } }] });
        const { serviceId, instanceId, attributes } = registrationOf('srv-1', aTask(), targets);
        const input = { ServiceId: serviceId, InstanceId: instanceId, Attributes: attributes };
        const exchange = { service: 'servicediscovery', operation: 'RegisterInstance', input } as const;
        expect(problemsOf(models, exchange)).toEqual([]);
      }),
    );
  });
});
