import { beforeEach, describe, expect, it } from '@jest/globals';
import { definitionsParameterName } from '../../../functions/discovery/names.ts';
import { decodeDefinitions } from '../../../functions/discovery/task/definitions-codec.ts';
import { type Account, createAccount, SELECTING } from '../../factories/account.ts';
import { announceDrift, resyncOnce } from '../../factories/resyncs.ts';
import { noise } from '../../factories/shards.ts';
import { fail, numbers } from '../../factories/stages.ts';
import { idOf } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
  account.run({ number: 1 }, { number: 2 }, { number: 3, family: 'plain' });
  account.definitions.set('newer', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
});

const KEPT = definitionsParameterName('discovery', 0);
const described = (): number => account.client.calls('DescribeTaskDefinition');
const kept = (parameter = 0) => {
  const text = account.parameters.current(definitionsParameterName('discovery', parameter)) ?? '';
  return decodeDefinitions(text).map(({ arn }) => arn.split('/').at(-1));
};
/** A resync in a new process, hours later; how many task definitions it asked for. */
const askedLater = async (request = {}): Promise<number> => {
  account.restart();
  const before = described();
  await announceDrift(account, request);
  return described() - before;
};

describe('a task definition', () => {
  it('is asked for once, and kept for the resyncs after that', async () => {
    await resyncOnce(account);
    expect(described()).toBe(2);
    expect(kept()).toEqual(['plain:1', 'shop:1']);
    expect(await askedLater()).toBe(0);
    expect(account.published()).toEqual([1, 2]);
  });

  it('that is kept is not written again', async () => {
    await resyncOnce(account);
    await askedLater();
    expect(account.parameters.puts.filter((name) => name === KEPT)).toHaveLength(1);
  });

  it('that no task uses any more is dropped when another one is kept', async () => {
    await resyncOnce(account);
    account.tasks.clear();
    account.run({ number: 1, family: 'newer' });
    expect(await askedLater()).toBe(1);
    expect(kept()).toEqual(['newer:1']);
  });

  it.each([false, true])(
    'stays until then, for a process that starts again and one that does not: %s',
    async (isNew) => {
      await resyncOnce(account);
      account.tasks.delete(idOf(3));
      if (isNew) account.restart();
      await resyncOnce(account);
      expect(kept()).toEqual(['plain:1', 'shop:1']);
    },
  );

  it('that does not fit is asked for each time, and nothing is written for that', async () => {
    const wide = (seed: number) => ({ ...SELECTING, ECS_PROMETHEUS_JOB_NAME: noise(seed, 2000) });
    for (const number of numbers(3)) {
      account.run({ number, family: `wide-${number}` });
      const containerDefinitions = [{ name: 'web', dockerLabels: wide(number) }];
      account.definitions.set(`wide-${number}`, { networkMode: 'awsvpc', containerDefinitions });
    }
    await announceDrift(account);
    expect(kept()).toHaveLength(1);
    expect(await askedLater()).toBe(2);
    expect(account.parameters.puts.filter((name) => name === KEPT)).toHaveLength(1);
  });

  it('of a large fleet is in one of several parameters', async () => {
    account = createAccount({ shards: 64 });
    account.run({ number: 1 }, { number: 2, family: 'plain' });
    await announceDrift(account);
    expect([0, 1].map(kept)).toEqual([['plain:1'], ['shop:1']]);
    expect(await askedLater()).toBe(0);
  });

  it('is read once in a process', async () => {
    for (let runs = 0; runs < 2; runs++) await resyncOnce(account);
    expect(account.parameters.gets.filter((names) => names.includes(KEPT))).toHaveLength(1);
  });

  it.each<[string, object]>([
    ['one task', { task: idOf(4) }],
    ['one service', { service: 'other' }],
    ['one cluster', { cluster: 'prod' }],
  ])('stays while a resync looks at %s alone', async (_, request) => {
    await resyncOnce(account);
    account.tasks.clear();
    account.run({ number: 4, family: 'newer', service: 'other' });
    await askedLater(request);
    expect(kept()).toEqual(['newer:1', 'plain:1', 'shop:1']);
  });

  it('stays while something could not be looked at', async () => {
    await resyncOnce(account);
    account.tasks.clear();
    account.run({ number: 4, family: 'newer' });
    fail(account, 'ListNamespaces', 'InternalServiceError', 'later');
    await askedLater();
    expect(kept()).toEqual(['newer:1', 'plain:1', 'shop:1']);
  });

  it('is not kept by a dry run, which writes nothing', async () => {
    await announceDrift(account, { dryRun: true });
    expect(kept()).toEqual([]);
  });
});

describe('where SSM fails, resync goes on', () => {
  it('with ECS, when it cannot read what was kept', async () => {
    await resyncOnce(account);
    account.before = (operation, { Names }) => {
      if (operation === 'GetParameters' && (Names as string[]).includes(KEPT)) throw new Error('no');
    };
    expect(await askedLater()).toBe(2);
    expect(account.log).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'task definitions are read from ECS: those kept in SSM could not be read',
      }),
    );
  });

  it('and loses nothing that it could not read', async () => {
    await resyncOnce(account);
    account.run({ number: 4, family: 'newer' });
    account.before = (operation, { Names }) => {
      if (operation === 'GetParameters' && (Names as string[]).includes(KEPT)) throw new Error('no');
    };
    await askedLater({ task: idOf(4) });
    expect(kept()).toEqual(['plain:1', 'shop:1']);
  });

  it('and says so, when it cannot keep anything', async () => {
    fail(account, 'PutParameter', 'AccessDeniedException', 'no');
    await announceDrift(account);
    expect(account.log).toContainEqual(
      expect.objectContaining({ message: 'task definitions are not kept for the next resync', name: KEPT }),
    );
    account.before = undefined;
    await announceDrift(account);
    expect(kept()).toEqual(['plain:1', 'shop:1']);
  });

  it('with ECS, when somebody wrote something else into the parameter', async () => {
    account.parameters.write(KEPT, 'hello');
    await resyncOnce(account);
    expect(described()).toBe(2);
    expect(kept()).toEqual(['plain:1', 'shop:1']);
  });
});
