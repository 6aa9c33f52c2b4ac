import { describe, expect, it } from '@jest/globals';
import fc from '../../fast-check.ts';
import { ClusterModel } from './cluster-model.ts';
import { taskId } from './statements.ts';

const TASKS = 3;
const task = fc.nat({ max: TASKS - 1 });
const shard = fc.constantFrom(0, 0, 1, 1, 2);
const kind = fc.constantFrom('upsert', 'upsert', 'upsert', 'deselect', 'stop' as const);

type Step = (model: ClusterModel) => void | Promise<void>;

const named = (name: string, step: Step): Step => Object.assign(step, { [fc.toStringMethod]: () => name });

/** One of the statements about a task, the newest for 0. */
const statement = (model: ClusterModel, number: number, back: number) => {
  const all = model.statements.get(taskId(number)) ?? [];
  return all[Math.max(0, all.length - 1 - back)];
};

const happen = fc
  .record({ task, kind })
  .map((it) => named(`${it.kind} ${it.task}`, (model) => model.happen(it.task, it.kind)));
const hear = fc
  .record({ task, back: fc.nat({ max: 2 }), to: fc.constantFrom(undefined, undefined, undefined, 0, 1) })
  .map((it) =>
    named(`hear ${it.task} -${it.back} ${it.to ?? ''}`, (model) =>
      model.hear(statement(model, it.task, it.back), it.to),
    ),
  );
const store = fc
  .record({ task, back: fc.nat({ max: 2 }) })
  .map((it) => named(`store ${it.task} -${it.back}`, (model) => model.store(statement(model, it.task, it.back))));
const read = fc
  .record({ shard, behind: fc.nat({ max: 2 }), isPast: fc.boolean() })
  .map((it) =>
    named(`read ${it.shard} -${it.behind}${it.isPast ? ' past' : ''}`, (model) =>
      model.read(it.shard, it.behind, it.isPast),
    ),
  );
const wait = fc.constantFrom(1, 5, 12, 31, 61, 400, 4000).map((seconds) =>
  named(`wait ${seconds}`, (model) => {
    model.now += seconds;
  }),
);
const compare = shard.map((it) => named(`compare ${it}`, (model) => model.compare(it)));
const reset = fc
  .record({ shard, written: fc.nat({ max: 6 }) })
  .map((it) => named(`reset ${it.shard}, ${it.written}`, (model) => model.reset(it.shard, it.written)));
const restart = fc
  .constantFrom(1, 2, 2, 3)
  .map((shards) => named(`restart ${shards}`, (model) => model.restart(shards)));
const move = fc.constant(named('move', (model) => model.move()));
const crash = fc.nat({ max: 4 }).map((writes) => named(`crash ${writes}`, (model) => model.crash(writes)));
const replace = fc.constant(named('replace', (model) => model.replace()));

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: happen },
    { weight: 5, arbitrary: hear },
    { weight: 6, arbitrary: store },
    { weight: 7, arbitrary: read },
    { weight: 4, arbitrary: wait },
    { weight: 1, arbitrary: compare },
    { weight: 1, arbitrary: reset },
    { weight: 2, arbitrary: restart },
    { weight: 2, arbitrary: move },
    { weight: 2, arbitrary: crash },
    { weight: 1, arbitrary: replace },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
);

/** Hearing, storing and reading within half a minute, with restarts. */
const quick = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: happen },
    { weight: 6, arbitrary: hear },
    { weight: 5, arbitrary: store },
    { weight: 4, arbitrary: shard.map((it) => named(`read ${it}`, (model) => model.read(it))) },
    { weight: 1, arbitrary: fc.constant(named('restart', (model) => model.restart(2))) },
  ),
  { minLength: 10, maxLength: 40, size: 'max' },
);

/** How many collectors share the shards. */
const count = fc.constantFrom(1, 1, 2);

/** Runs a history; `check` looks at the model after each step. */
async function run(
  history: readonly Step[],
  check: (model: ClusterModel) => void,
  collectors = 1,
): Promise<ClusterModel> {
  const model = new ClusterModel(collectors);
  for (const step of history) {
    await step(model);
    check(model);
  }
  return model;
}

/** Everything is at last heard, stored, moved, compared and read, as after an hour without any change. */
async function settle(model: ClusterModel): Promise<void> {
  for (const id of model.statements.keys()) model.store(model.newest(id));
  await model.move();
  for (let round = 0; round < 4; round += 1) {
    for (const number of model.parameters.keys()) {
      model.now += 400;
      await model.read(number);
      await model.compare(number);
    }
  }
}

it(
  'in any order, and however often, what is shown is what the newest statement says that was heard or read',
  () =>
    fc.assert(
      fc.asyncProperty(quick, (history) =>
        run(history, (model) => {
          const newest = model.collectors
            .flatMap(({ told }) => [...told.values()])
            .flatMap((it) => (it.kind === 'upsert' ? [it.targets] : []));
          const shown = [0, 1].flatMap((number) => model.of(number).known.targets(number) ?? []);
          const line = (it: (typeof newest)[number]) => `${it.taskId} ${it.version} ${it.targets[0]?.port}`;
          expect(shown.map(line).sort()).toEqual(newest.map(line).sort());
        }).then(() => {}),
      ),
      { numRuns: 2000 },
    ),
  60_000,
);

describe('whatever is heard, stored, read, compared and restarted in whatever order,', () => {
  it(
    'a task that runs never leaves the files once it is in them',
    () =>
      fc.assert(
        fc.asyncProperty(steps, count, (history, collectors) =>
          run(
            history,
            (model) => {
              expect(model.shown()).toEqual(expect.arrayContaining([...model.seen]));
            },
            collectors,
          ).then(() => {}),
        ),
        { numRuns: 2000 },
      ),
    60_000,
  );

  it(
    'a task that stopped never comes back, once its stop was heard or it left the files',
    () =>
      fc.assert(
        fc.asyncProperty(steps, count, (history, collectors) =>
          run(
            history,
            (model) => {
              expect(model.back()).toEqual([]);
            },
            collectors,
          ).then(() => {}),
        ),
        { numRuns: 2000 },
      ),
    60_000,
  );

  it(
    'each file shows what is known, for every shard that changes is named',
    () =>
      fc.assert(
        fc.asyncProperty(steps, count, (history, collectors) =>
          run(
            history,
            (model) => {
              for (const number of Array(model.shards).keys()) {
                const targets = model
                  .of(number)
                  .known.targets(number)
                  ?.map((it) => it.taskId);
                if (targets) expect(model.files.get(number)).toEqual(targets.sort());
              }
            },
            collectors,
          ).then(() => {}),
        ),
        { numRuns: 1000 },
      ),
    60_000,
  );

  it(
    'in the end the files show exactly what runs, at its newest ports',
    () =>
      fc.assert(
        fc.asyncProperty(steps, count, async (history, collectors) => {
          const model = await run(history, () => {}, collectors);
          await settle(model);
          const expected = [...model.statements.values()].flatMap((all) => {
            const newest = all.at(-1);
            return newest?.kind === 'upsert' ? [newest.targets] : [];
          });
          const shown = [...Array(model.shards).keys()].flatMap(
            (number) => model.of(number).known.targets(number) ?? [],
          );
          const byTask = (a: { taskId: string }, b: { taskId: string }) => (a.taskId < b.taskId ? -1 : 1);
          expect(shown.sort(byTask)).toEqual(expected.sort(byTask));
          expect(model.shown()).toEqual(expected.map((it) => it.taskId));
        }),
        { numRuns: 1000 },
      ),
    60_000,
  );
});
