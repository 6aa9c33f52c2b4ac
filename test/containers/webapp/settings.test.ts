import { describe, expect, it } from '@jest/globals';
import { webappSettings } from '../../../containers/webapp/settings.ts';

describe('settings of the webapp', () => {
  it('have the reference defaults: every address, port 3000', () => {
    expect(webappSettings({})).toEqual({
      host: '0.0.0.0',
      port: 3000,
      loadRequestsPerSecond: 10,
      workMilliseconds: 25,
    });
  });

  it('are read from the environment, an empty value counting as unset', () => {
    const environment = { HOST: '127.1.2.3', PORT: ' 8080 ', LOAD_REQUESTS_PER_SECOND: '0.5', WORK_MILLISECONDS: '' };
    expect(webappSettings(environment)).toEqual({
      host: '127.1.2.3',
      port: 8080,
      loadRequestsPerSecond: 0.5,
      workMilliseconds: 25,
    });
  });

  it.each([
    ['PORT', '65536', 'PORT is "65536": set a whole number from 0 to 65535.'],
    ['PORT', '80.5', 'PORT is "80.5": set a whole number from 0 to 65535.'],
    ['PORT', '0x50', 'PORT is "0x50": set a whole number from 0 to 65535.'],
    ['LOAD_REQUESTS_PER_SECOND', '-1', 'LOAD_REQUESTS_PER_SECOND is "-1": set a number from 0 to 1000.'],
    ['LOAD_REQUESTS_PER_SECOND', 'many', 'LOAD_REQUESTS_PER_SECOND is "many": set a number from 0 to 1000.'],
    ['WORK_MILLISECONDS', '1e9', 'WORK_MILLISECONDS is "1e9": set a number from 0 to 10000.'],
  ])('%s=%s is refused with a message that says what is accepted', (variable, value, message) => {
    expect(() => webappSettings({ [variable]: value })).toThrow(message);
  });
});
