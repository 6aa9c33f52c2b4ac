/** Changes every setting from and to each of its values, and says what comes of it. */

import { readSettings, SettingsError } from '../../../infra/settings/read-settings.ts';
import { SETTINGS, type SettingName, type Settings } from '../../../infra/settings/settings.ts';
import { exceededLimits } from '../../../infra/stacks/template-limits.ts';
import { type Context, synthesise } from '../synth.ts';
import { SURROUNDINGS, type Surrounding, type Value, valuesOf } from './cases.ts';
import type { Stacks } from './template.ts';
import { type Change, destroy, update } from './update.ts';

/** What to do: deploy; first destroy stacks, by their endings; or nothing, for the settings are refused. */
export type Verdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'destroy first'; readonly stacks: readonly string[]; readonly dangers: readonly string[] }
  | { readonly kind: 'refused'; readonly sentences: readonly string[] };

export interface Transition {
  readonly setting: SettingName;
  readonly surrounding: Surrounding;
  readonly from: Value;
  readonly to: Value;
  /** Of what is deployed at the end, against what was there before. */
  readonly changes: readonly Change[];
  readonly verdict: Verdict;
}

/** The stacks by their endings that may have to be destroyed, the least first. */
const WAYS: readonly (readonly string[])[] = [
  ['-source'],
  ['-workload'],
  ['-metrics'],
  ['-workload', '-metrics'],
  ['-workload', '-metrics', ''],
  ['-workload', '-metrics', '', '-cluster'],
];

interface Synthesised {
  readonly deployment: string;
  readonly stacks: Stacks;
  readonly refused: readonly string[];
}

/** By the settings as they are read: a default that is given is the same as one that is not. */
const known = new Map<string, Synthesised>();

/** What these settings deploy, or the sentences that refuse them. */
function synthesised(context: Context): Synthesised {
  try {
    const settings = readSettings(context);
    const key = JSON.stringify(settings);
    const found = known.get(key) ?? synthesiseNow(context, settings);
    known.set(key, found);
    return found;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { deployment: '', stacks: new Map(), refused: error.problems };
  }
}

function synthesiseNow(context: Context, { deployment }: Settings): Synthesised {
  const { stacks } = synthesise(context).assembly;
  return {
    deployment,
    stacks: new Map(stacks.map(({ stackName, template }) => [stackName, template])),
    refused: stacks.flatMap(({ stackName, template }) => exceededLimits(stackName, template)),
  };
}

const contextOf = (setting: SettingName, surrounding: Surrounding, { value, together }: Value): Context => {
  const all: Context = { ...SURROUNDINGS[surrounding], ...together, [setting]: value };
  return Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined));
};

/** Every change of one setting. @throws Error when none of {@link WAYS} leads from one value to the other */
function transitionsOf(setting: SettingName, surrounding: Surrounding): Transition[] {
  const values = valuesOf(setting, surrounding);
  return values.flatMap((from) =>
    values.filter((to) => to !== from).flatMap((to) => transition({ setting, surrounding, from, to })),
  );
}

function transition(of: Pick<Transition, 'setting' | 'surrounding' | 'from' | 'to'>): Transition[] {
  const { setting, surrounding, from, to } = of;
  const before = synthesised(contextOf(setting, surrounding, from));
  if (before.refused.length > 0) return []; // It was never deployed.
  const after = synthesised(contextOf(setting, surrounding, to));
  if (after.refused.length > 0) return [{ ...of, changes: [], verdict: { kind: 'refused', sentences: after.refused } }];
  const { changes, dangers } = update(before.stacks, after.stacks);
  if (dangers.length === 0) return [{ ...of, changes, verdict: { kind: 'allowed' } }];
  const way = WAYS.find((endings) => isSafe(before, after.stacks, endings));
  if (way === undefined) throw new Error(`Nothing leads to ${JSON.stringify(of)}: ${dangers.join('; ')}`);
  const stacks = way.filter((ending) => before.stacks.has(before.deployment + ending));
  return [{ ...of, changes, verdict: { kind: 'destroy first', stacks, dangers } }];
}

function isSafe({ deployment, stacks }: Synthesised, after: Stacks, endings: readonly string[]): boolean {
  const first = destroy(
    stacks,
    endings.map((ending) => deployment + ending),
  );
  return first.dangers.length === 0 && update(first.deployed, after).dangers.length === 0;
}

/** All of them, in the order of the settings. */
export const walk = (): Transition[] =>
  (Object.keys(SETTINGS) as SettingName[]).flatMap((setting) =>
    (Object.keys(SURROUNDINGS) as Surrounding[]).flatMap((surrounding) => transitionsOf(setting, surrounding)),
  );
