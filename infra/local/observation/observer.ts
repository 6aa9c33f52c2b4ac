import { setTimeout as sleep } from 'node:timers/promises';
import { type Presence, STAGES, type Stage } from './presence.ts';

/** Milliseconds between two looks at a stage, and so the resolution of the times that are shown. */
const LOOK_EVERY = 100;

/** Since when a task has been there, or gone, in milliseconds since 1970. */
export interface Sighting {
  readonly present: boolean;
  readonly since: number;
}

/** Looks at all stages all the time, and remembers when each task came and went. */
export interface Observer {
  /** Undefined: the task was never seen there. */
  readonly sighting: (stage: Stage, taskId: string) => Sighting | undefined;
  /** All tasks that are there now, each with what is wrong with it there. */
  readonly present: (stage: Stage) => ReadonlyMap<string, string | undefined>;
  /** What went wrong at the last look, if it did. */
  readonly trouble: (stage: Stage) => string | undefined;
  readonly stop: () => Promise<void>;
}

interface StageState {
  present: ReadonlyMap<string, string | undefined>;
  readonly sightings: Map<string, Sighting>;
  trouble?: string | undefined;
}

/**
 * @param vanished hears of each task that was there and is gone; `blind`: the stage could not be looked at just before
 */
export const observe = (
  presences: Readonly<Record<Stage, Presence>>,
  vanished: (stage: Stage, taskId: string, blind: boolean) => void,
): Observer => {
  const states = new Map<Stage, StageState>(
    STAGES.map((stage) => [stage, { present: new Map(), sightings: new Map() }]),
  );
  const stateOf = (stage: Stage): StageState => states.get(stage) as StageState;
  const stopping = new AbortController();

  const look = async (stage: Stage): Promise<void> => {
    const state = stateOf(stage);
    const present = await presences[stage]();
    const now = Date.now();
    const changed = new Set(present.keys()).symmetricDifference(state.present);
    state.present = present;
    for (const taskId of changed) {
      state.sightings.set(taskId, { present: present.has(taskId), since: now });
      if (!present.has(taskId)) vanished(stage, taskId, state.trouble !== undefined);
    }
  };

  const watch = async (stage: Stage): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await look(stage);
        stateOf(stage).trouble = undefined;
      } catch (error) {
        stateOf(stage).trouble = error instanceof Error ? error.message : String(error);
      }
      await sleep(LOOK_EVERY, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const watching = Promise.all(STAGES.map(watch));

  return {
    sighting: (stage, taskId) => stateOf(stage).sightings.get(taskId),
    present: (stage) => stateOf(stage).present,
    trouble: (stage) => stateOf(stage).trouble,
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
};
