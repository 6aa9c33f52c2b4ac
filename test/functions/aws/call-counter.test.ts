import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from '@jest/globals';
import { createCallCounter } from '../../../functions/aws/call-counter.ts';

describe('counting requests', () => {
  it('counts what every client really sends, repetitions too', async () => {
    const counter = createCallCounter();
    const clients = [3, 1].map((requests) => {
      let left = requests;
      return counter.watch(
        new SSMClient({
          region: 'us-east-1',
          credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
          maxAttempts: requests,
          requestHandler: {
            handle: async () => {
              left -= 1;
              const statusCode = left > 0 ? 500 : 200;
              return { response: { statusCode, headers: {}, body: new Uint8Array(Buffer.from('{}')) } as never };
            },
          },
        }),
      );
    });
    expect(counter.total()).toBe(0);
    for (const client of clients) await client.send(new GetParametersCommand({ Names: ['/p'] }));
    expect(counter.total()).toBe(4);
  });
});
