import { describe, expect, it } from '@jest/globals';
import { clusterArnOf, clusterKeyOf, isElsewhere } from '../../../../functions/discovery/cluster/cluster-key.ts';
import fc from '../../../fast-check.ts';

const HERE = 'arn:aws:ecs:eu-west-1:111122223333';

describe('what a cluster is called', () => {
  it.each([
    ['its name, here', `${HERE}:cluster/prod`, 'prod'],
    [
      'its name with the Region, in another one',
      'arn:aws:ecs:eu-north-1:111122223333:cluster/prod',
      'prod.eu-north-1.111122223333',
    ],
    [
      'its name with the account, in another one',
      'arn:aws:ecs:eu-west-1:444455556666:cluster/prod',
      'prod.eu-west-1.444455556666',
    ],
  ])('is %s', (_, arn, key) => {
    expect(clusterKeyOf(arn, HERE)).toBe(key);
    expect(clusterArnOf(key, HERE)).toBe(arn);
    expect(isElsewhere(key)).toBe(key !== 'prod');
  });

  it('keeps the partition of the deployment', () => {
    const china = 'arn:aws-cn:ecs:cn-north-1:111122223333';
    expect(clusterArnOf('prod.cn-northwest-1.444455556666', china)).toBe(
      'arn:aws-cn:ecs:cn-northwest-1:444455556666:cluster/prod',
    );
  });

  const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
  const region = fc.constantFrom('eu-west-1', 'eu-north-1', 'us-gov-west-1', 'ap-southeast-1');
  const account = fc.stringMatching(/^\d{12}$/);

  it('is that of one ARN alone, and fits into names of parameters, files and metrics', () => {
    const arn = fc.tuple(name, region, account).map(([n, r, a]) => `arn:aws:ecs:${r}:${a}:cluster/${n}`);
    fc.assert(
      fc.property(arn, arn, (a, b) => {
        const [keyOfA, keyOfB] = [clusterKeyOf(a, HERE), clusterKeyOf(b, HERE)];
        expect(keyOfA === keyOfB).toBe(a === b);
        expect(clusterArnOf(keyOfA, HERE)).toBe(a);
        expect(keyOfA).toMatch(/^[A-Za-z0-9_.-]+$/);
      }),
    );
  });
});
