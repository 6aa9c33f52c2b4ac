/** EC2, as far as the hosts of tasks are asked for. */
import { AwsError } from './aws-error.ts';
import {
  type Input,
  type SimulatedService,
  type Surroundings,
  takeFrom,
  unknownOperation,
} from './simulated-service.ts';
import { TokenBucket } from './token-bucket.ts';

export class SimulatedEc2 implements SimulatedService {
  readonly name: 'ec2' | 'ec2Elsewhere';
  /** Requests that name instances (EC2 API request throttling: 100, then 20 a second). */
  readonly limit = new TokenBucket(100, 20);
  /** Private addresses by instance id; undefined where the instance has none any more. */
  readonly instances = new Map<string, string | undefined>();
  readonly #world: Surroundings;

  constructor(world: Surroundings, name: 'ec2' | 'ec2Elsewhere' = 'ec2') {
    this.#world = world;
    this.name = name;
  }

  handle(command: string, input: Input): unknown {
    if (command !== 'DescribeInstances') throw unknownOperation(command);
    takeFrom(this.limit, this.name, this.#world.now());
    const filters = input['Filters'] as readonly { Name: string; Values: string[] }[] | undefined;
    const byFilter = filters?.find(({ Name }) => Name === 'instance-id')?.Values;
    const byId = input['InstanceIds'] as string[] | undefined;
    if (byId?.some((id) => !this.instances.has(id))) throw new AwsError('InvalidInstanceID.NotFound');
    const wanted = byId ?? byFilter ?? [...this.instances.keys()];
    return {
      Reservations: wanted
        .filter((id) => this.instances.has(id))
        .map((InstanceId) => ({ Instances: [{ InstanceId, PrivateIpAddress: this.instances.get(InstanceId) }] })),
    };
  }
}
