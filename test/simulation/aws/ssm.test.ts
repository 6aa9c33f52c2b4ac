import { describe, expect, it } from '@jest/globals';
import { errorOf, manualWorld } from './manual-world.ts';
import { SimulatedSsm } from './ssm.ts';

const Name = '/discovery/prod/targets/0';

function setUp() {
  const world = manualWorld();
  const ssm = new SimulatedSsm(world.around, { writesPerSecond: 3 });
  const put = (Value: string, Overwrite = true): number =>
    (ssm.handle('PutParameter', { Name, Value, Overwrite, Tier: 'Advanced' }) as { Version: number }).Version;
  const get = (): { Value: string; Version: number } | undefined =>
    (ssm.handle('GetParameters', { Names: [Name] }) as { Parameters: { Value: string; Version: number }[] })
      .Parameters[0];
  const version = (number: number): string => {
    const answer = ssm.handle('GetParameter', { Name: `${Name}:${number}` });
    return (answer as { Parameter: { Value: string } }).Parameter.Value;
  };
  return { world, ssm, put, get, version };
}

describe('a parameter', () => {
  it('counts its versions, and keeps the last hundred', () => {
    const { world, put, get, version } = setUp();
    for (let number = 1; number <= 101; number++) {
      world.pass(1000);
      expect(put(`v${number}`)).toBe(number);
    }
    expect(get()).toMatchObject({ Value: 'v101', Version: 101 });
    expect(version(2)).toBe('v2');
    expect(errorOf(() => version(1))).toBe('ParameterVersionNotFound');
  });

  it('is overwritten by whoever comes: there is no compare-and-set', () => {
    const { world, put } = setUp();
    put('a');
    world.pass(1000);
    expect(put('b')).toBe(2);
    expect(errorOf(() => put('c', false))).toBe('ParameterAlreadyExists');
  });

  it('is seen late: content, version, and the version by its number', () => {
    const { world, put, get, version } = setUp();
    put('a');
    world.pass(5000);
    put('b');
    world.pass(100);
    world.lag = 500;
    expect(get()).toMatchObject({ Value: 'a', Version: 1 });
    expect(errorOf(() => version(2))).toBe('ParameterVersionNotFound');
    world.lag = 50;
    expect(version(2)).toBe('b');
  });

  it('begins at version 1 after it was deleted, which readers see late', () => {
    const { world, ssm, put, get, version } = setUp();
    put('a');
    world.pass(60_000);
    put('b');
    world.pass(60_000);
    ssm.delete(Name);
    world.lag = 1000;
    world.pass(5000);
    expect(get()).toMatchObject({ Version: 2 });
    expect(put('c')).toBe(1);
    expect(get()).toMatchObject({ Version: 2 });
    world.pass(31_000);
    expect(get()).toMatchObject({ Value: 'c', Version: 1 });
    expect(errorOf(() => version(2))).toBe('ParameterVersionNotFound');
  });

  it('is reset by CloudFormation at its next version', () => {
    const { world, ssm, put, get } = setUp();
    put('a');
    world.pass(1000);
    ssm.overwrite(Name, 'empty');
    expect(get()).toMatchObject({ Value: 'empty', Version: 2 });
  });
});

describe('SSM', () => {
  it('takes three writes and forty reads a second', () => {
    const { world, put, get } = setUp();
    for (let write = 0; write < 3; write++) {
      put(String(write));
      world.pass(21);
    }
    expect(errorOf(() => put('4'))).toBe('ThrottlingException');
    for (let read = 0; read < 40; read++) get();
    expect(errorOf(get)).toBe('ThrottlingException');
    world.pass(1000);
    expect(put('5')).toBe(4);
  });

  it('refuses writes that collide, and values that it cannot hold', () => {
    const { world, put } = setUp();
    put('a');
    expect(errorOf(() => put('b'))).toBe('TooManyUpdates');
    world.pass(1000);
    expect(errorOf(() => put('x'.repeat(8193)))).toBe('ValidationException');
    expect(errorOf(() => put('{{x}}'))).toBe('ValidationException');
  });
});
