import { describe, expect, it } from '@jest/globals';
import type { Task } from '../../../infra/local/ecs/model.ts';
import type { SimulatedSsm } from '../aws/ssm.ts';
import { expectedTargets, groupsOf } from '../fleet.ts';
import { countingVersion, type ShardText } from './counting-version.ts';
import { Place } from './place.ts';
import { PrometheusFolder } from './prometheus-folder.ts';
import { ShardParameters } from './shard-parameters.ts';

const task = (id: string): Task => {
  const state = { lastStatus: 'RUNNING', desiredStatus: 'RUNNING', version: 1, updatedAt: 0 } as const;
  const family = { family: 'api', revision: 1, networkMode: 'awsvpc' };
  const rest = { id, cluster: 'prod', address: '10.0.0.1', taskDefinition: family, createdAt: 0 };
  return { ...state, ...rest, history: [{ ...state }] } as unknown as Task;
};

/** A folder of a Prometheus, two tasks, and what the judge said of it. */
function setUp() {
  let now = 0;
  const later: (() => void)[] = [];
  const said: string[] = [];
  const [one, two] = [task('one'), task('two')];
  const tasks = new Map([one, two].map((it) => [it.id, it]));
  const truth = {
    tasks,
    now: () => now,
    after: (_: number, act: () => void) => later.push(act),
    mayLeave: () => false,
  };
  const blame = (invariant: string, what: string): number => said.push(`${invariant}: ${what}`);
  const place = new Place(truth, blame, { name: 'it', patience: 1000, latestAdding: 50_000 });
  const folder = new PrometheusFolder('it', place, blame);
  const write = (file: string, ...some: readonly Task[]): void => {
    folder.fileChanged(file, JSON.stringify(some.flatMap(groupsOf)));
  };
  const wait = (): void => {
    now += 1000;
    for (const act of later.splice(0)) act();
  };
  const stop = (it: Task): void => {
    it.stoppingAt = now;
  };
  const pass = (milliseconds: number): void => {
    now += milliseconds;
  };
  return { folder, place, said, one, two, write, wait, stop, pass };
}

describe('what a person does to a place', () => {
  it('is not judged, and what the product makes of it is', () => {
    const { place, said, one, stop, pass, wait } = setUp();
    stop(one);
    pass(90_000);
    place.accept(new Map([['one', expectedTargets(one)]]));
    wait();
    expect(said).toEqual([]);
    place.changed(new Map([['one', undefined]]));
    place.changed(new Map([['one', expectedTargets(one)]]));
    wait();
    expect(said).toEqual(['nothing returns: a stopped task came back into it']);
  });
});

describe('a folder', () => {
  it('may lose a running task for a moment, as one that moves to another file', () => {
    const { write, wait, said, one, two } = setUp();
    write('a.json', one, two);
    write('a.json', one);
    write('b.json', two);
    wait();
    expect(said).toEqual([]);
    write('b.json');
    wait();
    expect(said).toEqual(['nothing vanishes: a running task left it']);
  });

  it('loses the tasks of a file that is deleted, and keeps those of one that cannot be read', () => {
    const { folder, write, wait, said, one } = setUp();
    write('a.json', one);
    folder.fileChanged('a.json', '[{"tar');
    wait();
    expect(said).toEqual(['atomicity: it: a.json is half written']);
    folder.fileChanged('a.json', undefined);
    wait();
    expect(said).toHaveLength(2);
  });

  it('may lose a task that stops, and must not get it back', () => {
    const { write, wait, said, stop, one, two } = setUp();
    write('a.json', one, two);
    stop(one);
    write('a.json', two);
    wait();
    expect(said).toEqual([]);
    write('a.json', one, two);
    expect(said).toEqual(['nothing returns: a stopped task came back into it']);
  });

  it('must not show a task for the first time long after it stopped', () => {
    const { write, said, stop, pass, one } = setUp();
    stop(one);
    pass(50_001);
    write('a.json', one);
    expect(said).toEqual(['nothing returns: it shows for the first time a task that stopped 50.001 s ago']);
  });

  it('must show in the end exactly what runs, each once', () => {
    const { folder, place, write, said, one, two } = setUp();
    write('a.json', one);
    write('b.json', one);
    place.mustShow(new Map([[two.id, expectedTargets(two)]]), () => false);
    folder.mustShowEachOnce();
    expect(said).toEqual([
      'convergence: it lacks a running task',
      'convergence: it has a task that does not run',
      'convergence: it shows a task in two files',
    ]);
  });
});

describe('the version that counts', () => {
  const bases = (...all: readonly (number | undefined)[]) =>
    countingVersion(
      all.length,
      (version) => String(all[version - 1]),
      (text) => (text === 'undefined' ? undefined : { base: Number(text), groups: [] }),
    )?.version;

  it.each([
    ['the newest, where its base is its number minus one', [0, 1, 2], 3],
    ['not what a writer wrote who was overtaken', [0, 1, 1], 2],
    ['not what CloudFormation or a person put there', [0, 1, 0, undefined], 2],
    ['none, where nobody wrote properly', [undefined, 0], undefined],
  ])('is %s', (_, all, version) => {
    expect(bases(...(all as (number | undefined)[]))).toBe(version);
  });
});

describe('a parameter', () => {
  /** One that is written, each version as the next one, and now and then deleted. */
  const parameterOf = ({ place, one, two }: ReturnType<typeof setUp>) => {
    let versions: ShardText[] = [];
    const ssm = {
      current: () => ({ version: versions.length }),
      earlier: (_: string, version: number) => `${version}`,
    };
    const shards = new ShardParameters(
      place,
      ssm as unknown as SimulatedSsm,
      (text: string) => versions[Number(text) - 1],
    );
    return {
      write: (life: string, ...some: readonly Task[]): void => {
        versions.push({ base: versions.length, life, groups: some.flatMap(groupsOf) });
        shards.written('it', false);
      },
      remove: (): void => {
        versions = [];
        shards.deleted('it');
      },
      one,
      two,
    };
  };

  it('that was deleted may count what was on its way then, and loses nothing otherwise', () => {
    const all = setUp();
    const { write, remove, one, two } = parameterOf(all);
    write('old', one);
    remove();
    write('new', one, two);
    write('old', one);
    all.wait();
    expect(all.said).toEqual([]);
    write('old');
    all.wait();
    expect(all.said).toEqual(['nothing vanishes: a running task left it']);
  });

  it('that was never deleted loses nothing, whatever its versions name', () => {
    const all = setUp();
    const { write, one, two } = parameterOf(all);
    write('new', one, two);
    write('old', one);
    all.wait();
    expect(all.said).toEqual(['nothing vanishes: a running task left it']);
  });
});
