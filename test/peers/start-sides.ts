/** One fleet, and all discoveries that look at it. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { eventPublisher } from '../../infra/local/ecs/event-publisher.ts';
import type { Task } from '../../infra/local/ecs/model.ts';
import { startMinistack } from '../../infra/local/ministack/ministack.ts';
import { type Account, ssmOf, startAccount } from './account/account.ts';
import type { Fault } from './faults.ts';
import { type Fleet, type FleetSize, startFleet } from './fleet.ts';
import { observer } from './sides/observer.ts';
import { type Ours, startOurs } from './sides/ours.ts';
import { startPollingProgram } from './sides/polling-program.ts';
import { prometheus } from './sides/prometheus.ts';
import { startReference } from './sides/reference.ts';
import { PEERS_ROOT, type Side } from './sides/side.ts';

/** Files of the peers' programs. */
export interface Binaries {
  readonly observer: string;
  readonly prometheus: string;
}

export interface Rig {
  readonly fleet: Fleet;
  readonly ours: Ours;
  readonly sides: readonly Side[];
  /** From now on AWS fails so, for all; undefined: no longer. */
  readonly setFault: (fault: Fault | undefined) => void;
}

/**
 * @param stack gets what has to be stopped
 * @param report hears what goes wrong later
 */
export const startSides = async (
  stack: AsyncDisposableStack,
  size: FleetSize & { readonly shards: number },
  binaries: Binaries,
  report: (line: string) => void,
): Promise<Rig> => {
  await rm(PEERS_ROOT, { recursive: true, force: true });
  let publish: (task: Task) => void = () => {};
  let fault: Fault | undefined;
  const fleet = await startFleet(size, (task) => publish(task));
  stack.defer(fleet.close);

  let emulated = '';
  const accountOf = async (ssm?: ReturnType<typeof ssmOf>): Promise<Account> => {
    const account = await startAccount({ plane: fleet.plane, fault: () => fault, ...(ssm && { ssm }) });
    stack.defer(account.stop);
    return account;
  };
  const kept = <S extends Side>(side: S): S => {
    stack.defer(side.stop);
    return side;
  };
  const account = await accountOf(ssmOf(() => emulated));
  const aws = await startMinistack({
    directory: join(PEERS_ROOT, 'ministack'),
    environment: { AWS_ENDPOINT_URL_ECS: account.endpoint, AWS_ENDPOINT_URL_SSM: account.endpoint },
  });
  stack.defer(aws.stop);
  emulated = aws.endpoint;
  const ours = kept(await startOurs(aws, account, size.shards));
  const programs = [
    prometheus({ account: await accountOf(), binary: binaries.prometheus }),
    observer({ account: await accountOf(), binary: binaries.observer }),
  ];
  const sides: Side[] = [ours];
  for (const program of programs) sides.push(kept(await startPollingProgram(program)));
  sides.push(kept(await startReference(await accountOf())));
  publish = eventPublisher(aws.endpoint, (error) => report(`An event could not be sent: ${error}`)).publish;
  return {
    ...{ fleet, ours, sides },
    setFault: (next) => {
      fault = next;
    },
  };
};
