import { describe, expect, it } from '@jest/globals';
import { createParameters } from '../../../functions/aws/parameters.ts';
import { awsError, fakeClient } from '../../factories/senders.ts';

const reading = (answers: Parameters<typeof fakeClient>[0]) => {
  const read = fakeClient(answers);
  return { read, parameters: createParameters(read, 'Standard') };
};

describe('SSM parameters', () => {
  it('are asked for ten at a time, and absent where they do not exist', async () => {
    const { read, parameters } = reading({
      GetParameters: ({ Names }: { Names: string[] }) => ({
        Parameters: Names.filter((name) => name !== '/p/3').map((Name) => ({ Name, Value: `of ${Name}`, Version: 7 })),
        InvalidParameters: Names.filter((name) => name === '/p/3'),
      }),
    });
    const found = await parameters.get(Array.from({ length: 23 }, (_, index) => `/p/${index}`));
    expect(read.sent.map(({ input }) => (input['Names'] as string[]).length).sort()).toEqual([10, 10, 3]);
    expect(found.size).toBe(22);
    expect(found.has('/p/3')).toBe(false);
    expect(found.get('/p/22')).toEqual({ value: 'of /p/22', version: 7 });
  });

  it('are not absent because one of several requests failed', async () => {
    const { parameters } = reading({
      GetParameters: (_: never, call: number) => {
        if (call === 1) throw awsError('ThrottlingException');
        return { Parameters: [] };
      },
    });
    await expect(parameters.get(Array.from({ length: 20 }, (_, index) => `/p/${index}`))).rejects.toThrow('Rate');
  });

  it('have earlier versions', async () => {
    const LastModifiedDate = new Date('2026-11-26T08:00:00Z');
    const { read, parameters } = reading({
      GetParameter: () => ({ Parameter: { Value: 'old', Version: 5, LastModifiedDate } }),
    });
    const writtenAt = LastModifiedDate.getTime();
    expect(await parameters.getVersion('/p', 5)).toEqual({ value: 'old', version: 5, writtenAt });
    expect(read.sent[0]?.input).toEqual({ Name: '/p:5' });
  });

  it.each(['ParameterNotFound', 'ParameterVersionNotFound'])('have them no more: %s', async (name) => {
    const { parameters } = reading({
      GetParameter: () => {
        throw awsError(name);
      },
    });
    expect(await parameters.getVersion('/p', 5)).toBeUndefined();
  });

  it('have earlier versions also while AWS does not show them', async () => {
    const { parameters } = reading({
      GetParameter: () => {
        throw awsError('ThrottlingException');
      },
    });
    await expect(parameters.getVersion('/p', 5)).rejects.toThrow('Rate exceeded');
  });

  it('are written over, in the tier of the settings, and tell the version that this made', async () => {
    const write = fakeClient({ PutParameter: () => ({ Version: 8 }) });
    const parameters = createParameters(write, 'Advanced');
    expect(await parameters.put('/p', 'new')).toBe(8);
    expect(write.sent[0]?.input).toEqual({
      Name: '/p',
      Value: 'new',
      Type: 'String',
      Overwrite: true,
      Tier: 'Advanced',
    });
  });
});
