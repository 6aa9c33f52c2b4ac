import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { targetSyncSettings } from '../../containers/target-sync/operator/settings.ts';
import { readSettings, SettingsError } from '../../infra/settings/read-settings.ts';
import { casesOf, readCase } from './run-case.ts';

/** What the settings of a case end with: nothing, or the sentences of the error. */
function problemsOf(input: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    readSettings(input);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

const inputOf = (name: string): Readonly<Record<string, unknown>> => readCase(name).input ?? {};

describe('settings of others', () => {
  it('let context of CDK through', () => {
    expect(problemsOf(inputOf('bootstrap-qualifier-and-boundary'))).toEqual([]);
  });

  it('put the functions into subnets, with a security group', () => {
    const input = { clusters: 'orchard', ...inputOf('functions-in-a-vpc') };
    expect(problemsOf({ ...input, functionSecurityGroupIds: 'sg-0aa' })).toEqual([]);
    expect(problemsOf(input)).toEqual([
      'functionSubnetIds and functionSecurityGroupIds go together: name both, or neither',
    ]);
  });

  it('are all here', () => {
    const read = readFileSync(new URL(import.meta.url), 'utf8');
    expect(casesOf('settings').filter((name) => !read.includes(`'${name}'`))).toEqual([]);
  });

  it('name clusters of other accounts by their ARNs', () => {
    expect(problemsOf(inputOf('clusters-by-arn-or-other-account'))).toEqual([]);
  });

  it('name clusters that target-sync can watch, too: of up to 240 characters, though ECS allows 255', () => {
    const [, letter = '', count = ''] =
      /^(\w)\*(\d+)$/.exec(String(inputOf('cluster-name-241-to-255')['clusters'])) ?? [];
    const longest = 'c'.repeat(240);
    expect(problemsOf({ clusters: letter.repeat(Number(count)) })).toEqual([
      expect.stringContaining('clusters must be a cluster name (up to 240 letters'),
    ]);
    expect(problemsOf({ clusters: longest })).toEqual([]);
    const environment = { DISCOVERY_DEPLOYMENT: 'd', DISCOVERY_SHARDS: '1', AWS_REGION: 'eu-north-1' };
    const queue = { TARGET_SYNC_QUEUE_URL: 'https://sqs.eu-north-1.amazonaws.com/1/q' };
    const clusters = (name: string) =>
      targetSyncSettings({ ...environment, ...queue, DISCOVERY_CLUSTERS: name }).clusters;
    expect(clusters(longest)).toEqual([longest]);
    expect(() => clusters(`${longest}c`)).toThrow('of up to 240 letters');
  });

  describe('with rules of the observer', () => {
    const { scrapeRules = [] } = inputOf('rules-of-the-observer') as { scrapeRules?: readonly object[] };
    const problems = (...rules: readonly object[]) => problemsOf({ clusters: 'orchard', scrapeRules: rules });

    it.each([
      [0, 'rule 1, service: letters, digits, "-", "_" and "*" only'],
      [1, 'rule 1, port: must be a port from 1 to 65535, or an array of them'],
    ])('refuse rule %i, which is not in their words: %s', (index, text) => {
      expect(problems(scrapeRules[index] ?? {})).toEqual([expect.stringContaining(text)]);
    });

    it('take a container and several ports', () => {
      expect(problems(scrapeRules[2] ?? {})).toEqual([]);
      expect(problems({ service: 'retail-*', container: 'nginx', port: [9901, 9404, 9406] })).toEqual([]);
    });

    it('are those of the documentation', () => {
      const page = readFileSync(new URL('../../docs/scraping.md', import.meta.url), 'utf8');
      const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
      expect(problems(...(JSON.parse(example) as object[]))).toEqual([]);
    });

    it('say which key a word of the observer is', () => {
      expect(problems({ name_pattern: '^retail', metrics_ports: [9113], service: 'a', port: 1 })).toEqual([
        expect.stringMatching(/name_pattern is not .* mean service\?; metrics_ports is not .* mean port\?/),
      ]);
    });

    it('say which key of a rule was meant', () => {
      expect(problems({ service: 'a', prot: 9113, port: 1 })).toEqual([
        expect.stringContaining('rule 1: prot is not a key of a rule; did you mean port?'),
      ]);
    });
  });
});
