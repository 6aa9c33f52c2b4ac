import { describe, expect, it } from '@jest/globals';
import { httpSd } from '../../../containers/target-sync/http/http-sd.ts';
import { ClusterTargets } from '../../../containers/target-sync/sync/cluster-targets.ts';
import type { TargetGroup } from '../../../functions/discovery/target/file-sd.ts';
import { address, configuration, NOW, numberIn, stop, upsert } from './statements.ts';

const withJob = (number: number, job: string) => {
  const change = upsert(number);
  return { ...change, targets: { ...change.targets, targets: [{ port: 9100, labels: { job } }] } };
};

const [one, two] = [numberIn(0, 2), numberIn(1, 2)];

function parts() {
  const prod = new ClusterTargets(2);
  const test = new ClusterTargets(2);
  prod.read(0, configuration(1, upsert(one)), NOW);
  prod.read(1, configuration(1, withJob(two, 'node')), NOW);
  for (const shard of [0, 1]) test.read(shard, configuration(1), NOW);
  test.hear(upsert(one), NOW);
  return {
    prod,
    test,
    http: {
      clusters: new Map([
        ['prod', prod],
        ['test', test],
      ]),
      shards: [0, 1],
    },
  };
}

const ask = (http: ReturnType<typeof parts>['http'], query = '', known?: string) => {
  const { status, headers, body } = httpSd(http, { query: new URLSearchParams(query), known });
  return { status, headers, text: [...body].join('') };
};

const targets = (http: ReturnType<typeof parts>['http'], query = ''): string[] =>
  (JSON.parse(ask(http, query).text) as TargetGroup[]).flatMap((group) => [...group.targets]);

describe('http_sd', () => {
  it('answers the groups of the files as JSON', () => {
    const { http } = parts();
    const { status, headers, text } = ask(http, 'cluster=prod');
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(text)[0]).toMatchObject({
      targets: [address(one)],
      labels: { cluster: 'prod', service: 'web', __metrics_path__: '/metrics' },
    });
  });

  it.each([
    ['', [address(one), address(two, 9100), address(one)]],
    ['cluster=prod', [address(one), address(two, 9100)]],
    ['cluster=test', [address(one)]],
    ['cluster=prod&cluster=test&job=node', [address(two, 9100)]],
    ['job=node', [address(two, 9100)]],
    ['job=', [address(one), address(one)]],
    ['job=node&job=', [address(one), address(two, 9100), address(one)]],
    ['job=other', []],
  ])('of "%s" is %j', (query, expected) => {
    expect(targets(parts().http, query)).toEqual(expected);
  });

  it('says which clusters there are', () => {
    const { status, text } = ask(parts().http, 'cluster=pord');
    expect([status, text]).toEqual([404, 'cluster "pord" is not watched: prod, test\n']);
  });

  it('is not sent again as long as nothing changes', () => {
    const { prod, http } = parts();
    const { etag = '' } = ask(http).headers;
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect(ask(http, '', etag)).toEqual({ status: 304, headers: { etag }, text: '' });
    expect(ask(http, '', `"other", ${etag}`).status).toBe(304);
    expect(ask(http, 'job=node', etag).status).toBe(200);
    prod.hear(stop(one), NOW);
    expect(ask(http, '', etag).status).toBe(200);
  });

  it('is refused while some of it is not known, for what an answer lacks would be dropped', () => {
    const { http } = parts();
    const young = new ClusterTargets(2);
    young.read(0, configuration(1, upsert(one)), NOW);
    young.hear(upsert(two), NOW);
    http.clusters.set('young', young);
    expect(ask(http)).toMatchObject({ status: 503, text: 'shard 1 of cluster "young" was not read yet\n' });
    expect(ask(http, 'cluster=prod').status).toBe(200);
  });
});
