import { describe, expect, it } from '@jest/globals';
import {
  collectorPipeline,
  MAX_REMOTE_WRITE_BYTES,
  scrapeConfiguration,
} from '../../infra/constructs/collector/collector-pipeline.ts';
import { forPrometheus } from '../../infra/constructs/collector/scrape-jobs/notation.ts';

const settings = {
  region: 'eu-west-1',
  remoteWriteEndpoint: 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write',
  targetFiles: '/etc/prometheus-targets/file_sd/*.json',
  collectorName: '$'.concat('{env:COLLECTOR_NAME:-collector}'),
};

describe('the collector pipeline', () => {
  it('is this text', () => {
    expect(collectorPipeline(settings)).toMatchSnapshot();
  });

  it('fits the 4 KB of a standard SSM parameter', () => {
    expect(Buffer.byteLength(collectorPipeline(settings))).toBeLessThan(4096);
  });

  it('keeps each request to AMP under its 1 MB', () => {
    expect(MAX_REMOTE_WRITE_BYTES).toBeLessThan(1_000_000);
    expect(collectorPipeline(settings)).toContain(`max_batch_size_bytes: ${MAX_REMOTE_WRITE_BYTES}`);
  });

  it('doubles a dollar in the path, which the collector would expand, but not for Prometheus itself', () => {
    const targetFiles = '/srv/$team/*.json';
    expect(collectorPipeline({ ...settings, targetFiles })).toContain('"/srv/$$team/*.json"');
    expect(scrapeConfiguration({ targetFiles }, forPrometheus())).toContain('"/srv/$team/*.json"');
  });

  it('holds exactly the scrape configuration that Prometheus gets', () => {
    const indented = scrapeConfiguration(settings, forPrometheus()).trimEnd().split('\n').join('\n      ');
    expect(collectorPipeline(settings)).toContain(indented);
  });
});
