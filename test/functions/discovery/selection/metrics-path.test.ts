import { describe, expect, it } from '@jest/globals';
import { readMetricsPath } from '../../../../functions/discovery/selection/metrics-path.ts';

describe('a metrics path', () => {
  it.each<[string, string, Record<string, string>]>([
    ['/metrics', '/metrics', {}],
    ['metrics', '/metrics', {}],
    ['/', '/', {}],
    ['/m?a=1&b=x%2Fy', '/m', { a: '1', b: 'x/y' }],
    ['m?a=what?', '/m', { a: 'what?' }],
    ['/m?', '/m', {}],
  ])('%s is the path %s with the parameters %j', (text, path, params) => {
    expect(readMetricsPath(text)).toEqual({ path, params });
  });

  it.each([
    ['http://10.0.0.1/metrics', 'must be a path such as /metrics, not the URL "http://10.0.0.1/metrics"'],
    ['/metrics#top', 'must have no fragment'],
    ['/metrics?collect[]=cpu', 'has the parameter "collect[]", which no label can carry'],
    ['/metrics?a=1&a=2', 'has the parameter "a" twice'],
    ['/metrics?debug', 'has the parameter "debug" without a value'],
  ])('%s is none: it %s', (text, problem) => {
    expect(readMetricsPath(text)).toContain(problem);
  });
});
