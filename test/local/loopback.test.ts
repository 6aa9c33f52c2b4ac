import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  loopbackClientConfig,
  loopbackEndpoint,
  loopbackEnvironment,
  NotLoopbackError,
} from '../../infra/local/loopback.ts';

describe('the guard against real AWS accounts', () => {
  it.each(['http://127.0.0.1:4566', 'http://127.77.0.3:3000', 'http://localhost:4566', 'http://[::1]:4566'])(
    'lets %s through',
    (endpoint) => {
      expect(loopbackEndpoint(endpoint)).toBe(endpoint);
      expect(loopbackClientConfig(endpoint).credentials.accessKeyId).toBe('test');
    },
  );

  it.each([
    'https://ecs.us-east-1.amazonaws.com',
    'http://127.0.0.1.example.com:4566',
    'http://localhost.example.com',
    'http://user@127.0.0.1:4566',
    'http://10.0.0.1:4566',
    'http://169.254.169.254',
    'https://127.0.0.1:4566',
    'not a URL',
    '',
  ])('refuses %j', (endpoint) => {
    expect(() => loopbackEndpoint(endpoint)).toThrow(NotLoopbackError);
    expect(() => loopbackClientConfig(endpoint)).toThrow(NotLoopbackError);
    expect(() => loopbackEnvironment(endpoint)).toThrow(NotLoopbackError);
  });

  describe('in the environment of a child process', () => {
    const before = { ...process.env };

    beforeEach(() => {
      Object.assign(process.env, {
        AWS_PROFILE: 'production',
        AWS_SESSION_TOKEN: 'secret',
        AWS_ENDPOINT_URL_SSM: 'https://ssm.eu-west-1.amazonaws.com',
        AWS_ACCESS_KEY_ID: 'AKIAREAL',
        CDK_DEFAULT_ACCOUNT: '111122223333',
        HTTPS_PROXY: 'http://proxy.example.com',
      });
    });

    afterEach(() => {
      process.env = { ...before };
    });

    it('leaves nothing of the shell that leads to an account', () => {
      const environment = loopbackEnvironment('http://127.0.0.1:4566');
      expect(environment).not.toHaveProperty('AWS_PROFILE');
      expect(environment).not.toHaveProperty('AWS_SESSION_TOKEN');
      expect(environment).not.toHaveProperty('AWS_ENDPOINT_URL_SSM');
      expect(environment).not.toHaveProperty('CDK_DEFAULT_ACCOUNT');
      expect(environment).not.toHaveProperty('HTTPS_PROXY');
      expect(environment).toMatchObject({
        AWS_ACCESS_KEY_ID: 'test',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CONFIG_FILE: '/dev/null',
      });
    });

    it('refuses an endpoint of one service that is elsewhere', () => {
      const extra = { AWS_ENDPOINT_URL_ECS: 'https://ecs.us-east-1.amazonaws.com' };
      expect(() => loopbackEnvironment('http://127.0.0.1:4566', extra)).toThrow(NotLoopbackError);
    });
  });
});
