/** STS, as far as roles of other accounts are assumed. */
import { AwsError } from './aws-error.ts';
import { type Input, type SimulatedService, type Surroundings, unknownOperation } from './simulated-service.ts';

/** Of a session, where the request names none (AWS STS API reference, AssumeRole). */
const HOUR = 60 * 60_000;

export class SimulatedSts implements SimulatedService {
  readonly name = 'sts';
  /** External ids by the ARN of the role; a role that is not there lets nobody in. */
  readonly roles = new Map<string, string>();
  readonly #world: Pick<Surroundings, 'now'>;

  constructor(world: Pick<Surroundings, 'now'>) {
    this.#world = world;
  }

  handle(command: string, input: Input): unknown {
    if (command !== 'AssumeRole') throw unknownOperation(command);
    const role = String(input['RoleArn']);
    if (this.roles.get(role) !== input['ExternalId']) throw new AwsError('AccessDenied', 'not authorized');
    const AssumedRoleId = `AROAEXAMPLEEXAMPLEEX:${input['RoleSessionName']}`;
    return {
      Credentials: {
        AccessKeyId: 'ASIAEXAMPLEEXAMPLE12',
        SecretAccessKey: 'secret',
        SessionToken: role,
        Expiration: new Date(this.#world.now() + HOUR),
      },
      AssumedRoleUser: { AssumedRoleId, Arn: `${role}/${input['RoleSessionName']}` },
    };
  }
}
