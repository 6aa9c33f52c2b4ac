import { beforeEach, describe, expect, it } from '@jest/globals';
import { parseResyncRequest, type ResyncRequest } from '../../../functions/resync/resync-summary.ts';
import { type Account, createAccount } from '../../factories/account.ts';
import { announceDrift, resyncOnce, resyncToTheEnd, someTasks } from '../../factories/resyncs.ts';
import { hang, numbers } from '../../factories/stages.ts';

let account: Account;

describe('a fleet too large for one run', () => {
  beforeEach(() => {
    account = createAccount({ shards: 4, clusters: ['prod', 'staging'] });
    account.run(...someTasks(16), ...someTasks(16, { cluster: 'staging' }, 100));
  });

  it('is gone on with where the time ended, with the same request', async () => {
    const { summary, resume } = await announceDrift(account, { force: true }, 0);
    expect(summary).toMatchObject({ complete: false, clusters: [{ cluster: 'prod' }] });
    expect(resume).toEqual({ force: true, resumeAt: { cluster: 'prod', shard: 1 } });
    expect(parseResyncRequest(JSON.parse(JSON.stringify(resume)), ['prod', 'staging'])).toEqual(resume);
  });

  it('comes to its end however short the runs are', async () => {
    expect(await resyncToTheEnd(account, {}, 0)).toBe(8);
    expect([account.published('prod'), account.published('staging')]).toEqual([numbers(16), numbers(16, 100)]);
  });

  it('does not begin a cluster after its time', async () => {
    await resyncOnce(account, { cluster: 'prod' });
    account.before = async (asked) => {
      if (asked === 'DescribeTasks') await account.clock.sleep(10_000);
    };
    const { resume } = await announceDrift(account, {}, 35_000);
    expect(resume).toEqual({ resumeAt: { cluster: 'staging', shard: 0 } });
    expect(account.published('staging')).toEqual([]);
  });

  it('does not look at a shard after its time: ECS may take half a minute for each', async () => {
    hang(account, 'DescribeTasks', 30);
    const { summary, resume } = await announceDrift(account, {}, 40_000);
    expect(resume).toEqual({ resumeAt: { cluster: 'prod', shard: 2 } });
    const [{ checked, problems } = {}] = summary.clusters;
    expect(problems).toHaveLength(checked ?? 0);
    expect(await resyncToTheEnd(account, resume ?? {}, 40_000)).toBe(3);
  });

  it('stays in its cluster when it was asked for one', async () => {
    await resyncToTheEnd(account, { cluster: 'staging' }, 0);
    expect([account.published('prod'), account.published('staging')]).toEqual([[], numbers(16, 100)]);
  });

  it('is looked at to the end by a dry run, which has nothing to wait for', async () => {
    const { summary, resume } = await announceDrift(account, { dryRun: true }, 0);
    expect(resume).toBeUndefined();
    expect(summary.clusters.map(({ added }) => added)).toEqual([16, 16]);
  });
});

describe('the request of a resync', () => {
  const clusters = ['prod', 'staging'];

  it.each<[unknown, ResyncRequest]>([
    [undefined, {}],
    [null, {}],
    [{}, {}],
    [{ version: '0', 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} }, {}],
    [
      { cluster: 'prod', service: 'shop', task: 'a', dryRun: true, force: false },
      { cluster: 'prod', service: 'shop', task: 'a', dryRun: true, force: false },
    ],
    [{ resumeAt: { cluster: 'prod', shard: 3 } }, { resumeAt: { cluster: 'prod', shard: 3 } }],
  ])('%j is %j', (payload, request) => {
    expect(parseResyncRequest(payload, clusters)).toEqual(request);
  });

  it.each<[unknown, RegExp]>([
    [{ cluster: 'test' }, /cluster test is not watched; watched are prod, staging/],
    [{ dryrun: true }, /dryrun/],
    [{ dryRun: 'true' }, /dryRun/],
    [{ service: 1 }, /service/],
    ['prod', /payload/],
    [[], /payload/],
    [
      { force: 1, cluster: 2 },
      /cluster.*force.*Expected \{ "cluster"\?: string, "service"\?: string, "task"\?: string, "dryRun"\?: boolean/,
    ],
  ])('%j is refused', (payload, message) => {
    expect(() => parseResyncRequest(payload, clusters)).toThrow(message);
  });
});
