import { describe, expect, it } from '@jest/globals';
import { signedHeaders } from '../../../functions/aws/signature.ts';

/** The values of AWS's Signature Version 4 test suite. */
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const request = { host: 'example.amazonaws.com', region: 'us-east-1', service: 'service', headers: {}, body: '' };
const now = new Date('2015-08-30T12:36:00.000Z');

describe('the signature of a request', () => {
  it('is that of the test suite’s post-vanilla', () => {
    expect(signedHeaders(request, credentials, now)).toEqual({
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    });
  });

  it('is that of the test suite’s post-header-key-sort', () => {
    const headers = { 'my-header1': 'value1' };
    expect(signedHeaders({ ...request, headers }, credentials, now)['authorization']).toMatch(
      /SignedHeaders=host;my-header1;x-amz-date, Signature=c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c$/,
    );
  });

  it('covers body, headers and session token', () => {
    const signatures = [
      signedHeaders(request, credentials, now),
      signedHeaders({ ...request, body: '{}' }, credentials, now),
      signedHeaders({ ...request, headers: { 'x-amz-target': 'AmazonSSM.GetParameters' } }, credentials, now),
      signedHeaders(request, { ...credentials, sessionToken: 'token' }, now),
    ].map((headers) => headers['authorization']?.slice(-64));
    expect(new Set(signatures).size).toBe(4);
    expect(signedHeaders(request, { ...credentials, sessionToken: 'token' }, now)['x-amz-security-token']).toBe(
      'token',
    );
  });
});
