import { describe, expect, it } from '@jest/globals';
import { matchesRule, scrapeRuleShape } from '../../../../functions/discovery/selection/scrape-rule.ts';

describe('a scrape rule', () => {
  it.each([
    ['shop', 'shop', true],
    ['shop', 'shop-eu', false],
    ['shop', 'my-shop', false],
    ['shop*', 'shop-eu', true],
    ['*shop', 'my-shop', true],
    ['a*b*c', 'a1b2c', true],
    ['a*b*c', 'acb', false],
    ['*', 'anything', true],
    ['a_b', 'a_b', true],
    ['a-b', 'axb', false],
  ])('for the service %s, met by %s: %p', (pattern, service, matches) => {
    expect(matchesRule({ service: pattern, port: 1 }, { service, family: 'f' })).toBe(matches);
    expect(matchesRule({ taskDefinition: pattern, port: 1 }, { family: service })).toBe(matches);
  });

  it('for a service matches no standalone task', () => {
    expect(matchesRule({ service: '*', port: 1 }, { family: 'shop' })).toBe(false);
  });

  it('with both patterns needs both', () => {
    const rule = { service: 'shop', taskDefinition: 'v2-*', port: 1 };
    expect(matchesRule(rule, { service: 'shop', family: 'v2-shop' })).toBe(true);
    expect(matchesRule(rule, { service: 'shop', family: 'v1-shop' })).toBe(false);
    expect(matchesRule(rule, { service: 'cart', family: 'v2-shop' })).toBe(false);
  });

  it.each([
    { service: 'shop', port: 3000 },
    { taskDefinition: 'shop-*', port: 65535, path: '/', job: 'j' },
    { container: 'node-exporter', port: [9100, 9101] },
    { service: '*', port: 1, path: 'm?a=1', scheme: 'https', params: { b: '2' }, labels: { team: 'edge' } },
    { service: '*', container: 'side-*', exclude: true },
  ])('%j is one', (rule) => {
    expect(scrapeRuleShape.parse(rule)).toEqual(rule);
  });

  it.each<[object, string]>([
    [{ port: 3000 }, 'needs service, taskDefinition or container'],
    [{ service: 'shop' }, 'needs a port'],
    [{ service: 'shop', port: 0 }, 'port'],
    [{ service: 'shop', port: 65536 }, 'port'],
    [{ service: 'shop', port: '9113;9090' }, 'must be a port from 1 to 65535, or an array of them'],
    [{ service: 'shop', port: [] }, 'must be a port'],
    [{ service: 'shop', port: 1, path: '/m?collect[]=cpu' }, 'must be a path'],
    [{ service: 'shop', port: 1, scheme: 'ftp' }, 'scheme'],
    [{ service: 'shop', port: 1, params: { 'collect[]': 'cpu' } }, 'a parameter has letters'],
    [{ service: 'shop', port: 1, labels: { cluster: 'x' } }, 'neither reserved nor one of ours'],
    [{ service: 'shop', port: 1, labels: { __address__: 'x' } }, 'neither reserved nor one of ours'],
    [{ service: 'shop', port: 1, labels: { 'a-b': 'x' } }, 'neither reserved nor one of ours'],
    [{ service: 'shop', exclude: false }, 'exclude'],
    [{ exclude: true }, 'needs service, taskDefinition or container'],
    [{ service: 'shop', exclude: true, port: 1 }, 'with exclude there can only be'],
    [{ container: 'web.1', port: 1 }, 'letters, digits'],
    [{ service: 'shop', port: 1, job: '' }, 'job'],
    [{ service: 'sh.p', port: 1 }, 'letters, digits'],
    [{ service: '', port: 1 }, 'letters, digits'],
    [{ service: 'shop', port: 1, tls: true }, 'tls'],
  ])('%j is none, because of %s', (rule, reason) => {
    expect(() => scrapeRuleShape.parse(rule)).toThrow(reason);
  });
});
