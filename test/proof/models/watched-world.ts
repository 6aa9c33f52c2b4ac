/** Looks at everything that passes between the programs of a simulation and its AWS. */
import { AwsError } from '../../simulation/aws/aws-error.ts';
import { Later, type ServiceName } from '../../simulation/aws/simulated-service.ts';
import type { Wire } from '../../simulation/pipeline.ts';
import type { ServedRequest } from '../../simulation/surface.ts';
import type { Exchange } from './check.ts';
import type { Service } from './service-models.ts';

const SERVICES: Readonly<Record<ServiceName, Service>> = {
  ecs: 'ecs',
  ec2: 'ec2',
  ssm: 'ssm',
  cloudMap: 'servicediscovery',
  sns: 'sns',
  sqs: 'sqs',
  lambda: 'lambda',
  sts: 'sts',
  ecsElsewhere: 'ecs',
  ec2Elsewhere: 'ec2',
};

export interface Watcher {
  /** Hears of each request with its answer, and of the answers of long polls when they come. */
  readonly exchange: (exchange: Exchange) => void;
  /** Hears of each request with who sent it. */
  readonly request: (request: ServedRequest) => void;
}

/** The same pipeline, on a world that is watched. */
export const watched =
  (wire: Wire, watcher: Watcher): Wire =>
  (world) => {
    const { ecs, ec2, ssm, cloudMap, sns, sqs, lambda, sts } = world;
    const elsewhere = [...world.elsewhere.values()].flatMap((those) => [those.ecs, those.ec2]);
    for (const service of [ecs, ec2, ssm, cloudMap, sns, sqs, lambda, sts, ...elsewhere]) {
      const handle = service.handle.bind(service);
      service.handle = (operation, input) => {
        const see = (answer: unknown): void =>
          watcher.exchange({ service: SERVICES[service.name], operation, input, answer });
        const answer = handle(operation, input);
        if (!(answer instanceof Later)) {
          see(answer);
          return answer;
        }
        return new Later((respond) =>
          answer.wait((value) => {
            see(value);
            respond(value);
          }),
        );
      };
    }
    const { onRequest } = world.surface;
    const heard = (request: ServedRequest): void => {
      const { service, command: operation, input, outcome } = request;
      const error = outcome instanceof AwsError ? { answer: outcome } : {};
      watcher.exchange({ service: SERVICES[service], operation, input, ...error });
      watcher.request(request);
      onRequest(request);
    };
    Object.assign(world.surface, { onRequest: heard });
    return wire(world);
  };
