/** What the comparison needs of a discovery, whoever made it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import type { Account } from '../account/account.ts';
import type { TargetList } from '../target-list.ts';
import type { Metered } from '../usage.ts';

export const SIDES = ['ours', 'prometheus', 'observer', 'reference'] as const;
export type SideId = (typeof SIDES)[number];

/** The processes of functions, which are there when something happens. */
export const LAMBDA = 'Lambda';

export interface Side {
  readonly id: SideId;
  readonly account: Account;
  readonly list: TargetList;
  /** The processes whose CPU and memory are its own, by what they are; none where only its calls are made. */
  readonly processes: Readonly<Record<string, Metered>>;
  /** Makes it ask more often than by default, where it asks at all; starts it again where its process has ended. */
  readonly hurry: (seconds: number) => Promise<void>;
  /** How its process ended, if it did. */
  readonly ended: () => string | undefined;
  readonly stop: () => Promise<void>;
}

const ROOT = join(PROJECT_ROOT, '.local/bench/peers');

/** A folder for what a discovery writes. */
export const folderOf = async (...parts: readonly string[]): Promise<string> => {
  const folder = join(ROOT, ...parts);
  await mkdir(folder, { recursive: true });
  return folder;
};

export const PEERS_ROOT = ROOT;
