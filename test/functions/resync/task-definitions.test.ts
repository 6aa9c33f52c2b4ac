import { beforeEach, describe, expect, it } from '@jest/globals';
import { definitionsParameterName } from '../../../functions/discovery/names.ts';
import { decodeDefinitions } from '../../../functions/discovery/task/definitions-codec.ts';
import { type Account, createAccount } from '../../factories/account.ts';
import { announceDrift, resyncOnce } from '../../factories/resyncs.ts';
import { fail } from '../../factories/stages.ts';
import { idOf } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
  account.run({ number: 1 }, { number: 2 }, { number: 3, family: 'plain' });
  account.definitions.set('newer', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
});

const KEPT = definitionsParameterName('discovery', 0);
const described = (): number => account.client.calls('DescribeTaskDefinition');
const kept = () => decodeDefinitions(account.parameters.current(KEPT) ?? '').map(({ arn }) => arn.split('/').at(-1));
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

  it('that no task has any more goes when another one comes', async () => {
    await resyncOnce(account);
    account.tasks.clear();
    account.run({ number: 1, family: 'newer' });
    expect(await askedLater()).toBe(1);
    expect(kept()).toEqual(['newer:1']);
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

  it('and says so, when it cannot keep anything', async () => {
    fail(account, 'PutParameter', 'AccessDeniedException', 'no');
    await announceDrift(account);
    expect(account.log).toContainEqual(
      expect.objectContaining({ message: 'task definitions are not kept for the next resync', name: KEPT }),
    );
  });

  it('with ECS, when somebody wrote something else into the parameter', async () => {
    account.parameters.write(KEPT, 'hello');
    await resyncOnce(account);
    expect(described()).toBe(2);
    expect(kept()).toEqual(['plain:1', 'shop:1']);
  });
});
