/** An account with something of everything, for a day on which a deployment sends every request that it ever sends. */

import type { CredentialProvider } from '../../../functions/aws/credentials.ts';
import { shardParameterName } from '../../../functions/discovery/names.ts';
import { EMPTY_SHARD_DOCUMENT } from '../../../functions/discovery/shard/shard-codec.ts';
import { readSettings } from '../../../functions/lambda/environment.ts';
import { type Account, OWNED, SELECTING } from '../../factories/account.ts';
import { under } from '../../factories/senders.ts';
import { type Sent as Message, message } from '../../factories/stages.ts';
import type { DeployedFunction } from '../deployed/deployment.ts';
import type { Client } from './recorder.ts';

export const MINUTE = 60_000;

export type ClientOf = (from: string) => Client;

/** The tasks of one cluster have numbers of their own, from `first` on. */
export interface Fleet {
  readonly cluster: string;
  readonly first: number;
}

/** Tasks of each kind, a Cloud Map service that is owned and one that is not, and a shard whose newest version does not count. */
export function prepare(account: Account, { cluster, first }: Fleet): void {
  const containerDefinitions = [{ name: 'web', dockerLabels: SELECTING, portMappings: [{ containerPort: 3000 }] }];
  account.definitions.set('hosted', { networkMode: 'bridge', containerDefinitions });
  const networkBindings = [{ bindIP: '0.0.0.0', containerPort: 3000, hostPort: 32_768, protocol: 'tcp' }];
  const containers = [{ name: 'web', lastStatus: 'RUNNING', networkBindings }];
  const hosted = { number: first + 2, family: 'hosted', host: 'a1', containers };
  for (const task of [{ number: first + 1 }, hosted, { number: first + 3 }]) account.run({ cluster, ...task });
  account.hosts.set('a1', '172.16.0.1');
  account.addService('shop', OWNED);
  account.addService('theirs');
  account.managed.set('shop', ['theirs']);
}

/** Writes a version of each shard that does not count: whoever reads it has to ask for the one before. */
export function disturb({ parameters, settings }: Account): void {
  for (const cluster of settings.clusters) {
    for (let shard = 0; shard < settings.shards; shard++) {
      parameters.write(shardParameterName(settings.deployment, cluster, shard), EMPTY_SHARD_DOCUMENT);
    }
  }
}

export const partsOf = ({ clock }: Account, { environment }: DeployedFunction, client: Client) => ({
  clients: {
    ...{ ecs: client, ssm: client, sns: client },
    ec2: async () => client,
    sts: async () => client,
    inRegion: (_: string, credentials: CredentialProvider) => under(client.elsewhere, credentials),
    serviceDiscovery: async () => client,
  },
  settings: readSettings(environment),
  report: { info: () => {}, warn: () => {}, count: () => {} },
  clock,
});

export const messagesOf = (account: Account, all: readonly Message[]) => all.map((it) => message(account, it));
