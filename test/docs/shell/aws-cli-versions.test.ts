/** What docs/operations.md says of the two versions of the AWS CLI, asked of both. Nobody answers at their endpoint. */
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AwsCliVersion, writeAwsCli } from '../../../infra/local/aws-cli/aws-cli.ts';
import { loopbackEnvironment } from '../../../infra/local/loopback.ts';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { run } from '../../../infra/local/process/run.ts';

const FOLDER = join(PROJECT_ROOT, '.local/test/aws-cli-versions');
const NOBODY = 'http://127.0.0.1:9';

afterAll(() => rm(FOLDER, { recursive: true, force: true }));

describe.each([1, 2] as const)('version %d of the AWS CLI', (version: AwsCliVersion) => {
  const folder = join(FOLDER, String(version));
  beforeAll(() => writeAwsCli(folder, version), 300_000);

  const sh = async (script: string): Promise<string> => {
    const environment = loopbackEnvironment(NOBODY, { AWS_MAX_ATTEMPTS: '1' });
    const path = [folder, environment['PATH']].join(delimiter);
    return run('bash', ['-c', script], { environment: { ...environment, PATH: path }, directory: folder });
  };
  const asksWith = (payload: string): Promise<string> =>
    sh(`echo '{"dryRun": true}' > payload.json; aws lambda invoke --function-name x --payload ${payload} answer.json`);
  const SENT = 'Could not connect to the endpoint URL';

  it('is that', async () => {
    expect(await sh('aws --version')).toMatch(new RegExp(`^aws-cli/${version}\\.`));
  });

  it(`reads the Region from ${version === 1 ? 'AWS_DEFAULT_REGION alone' : 'AWS_REGION first'}`, async () => {
    const region = 'AWS_REGION=eu-north-1 AWS_DEFAULT_REGION=eu-west-3 aws configure list | grep region';
    expect(await sh(region)).toContain(version === 1 ? 'eu-west-3' : 'eu-north-1');
    const alone = sh('env -u AWS_DEFAULT_REGION AWS_REGION=eu-north-1 aws lambda list-functions');
    await expect(alone).rejects.toThrow(version === 1 ? 'You must specify a region' : SENT);
  });

  it(`takes ${version === 1 ? 'JSON' : 'base64'} as payload, and a file with fileb://`, async () => {
    await expect(asksWith(`'{"dryRun": true}'`)).rejects.toThrow(version === 1 ? SENT : 'Invalid base64');
    await expect(asksWith('fileb://payload.json')).rejects.toThrow(SENT);
  });

  it(`shows ${version === 1 ? 'no' : 'an'} answer in a pager`, async () => {
    const onTerminal = (pager: string): Promise<string> =>
      // This answer is made up by the CLI itself.
      sh(`AWS_PAGER=${pager} script -qec 'aws sqs list-queues --generate-cli-skeleton output' /dev/null`);
    const paged = /^\s*1\s+\{/;
    const seen = [await onTerminal(`'cat -n'`), await onTerminal('')].map((said) => paged.test(said));
    expect(seen).toEqual([version === 2, false]);
  });
});
