/** Deregisters from Cloud Map when what instances belong to is deleted: Cloud Map keeps a service with instances. */
import { CustomResource, Duration } from 'aws-cdk-lib';
import type { IService } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { ENVIRONMENT, REGISTRATIONS_RESOURCE } from '../../../functions/discovery/names.ts';
import { DiscoveryFunction, type FunctionHosting } from '../discovery-function.ts';
import { grantDeregister, grantFindServices, grantListInstances } from './cloud-map-access.ts';
import type { NamespacesParameter } from './namespaces-parameter.ts';

/** A thousand instances, the most that a service holds, take some minutes. */
const TIMEOUT = Duration.minutes(10);

export interface RegistrationCleanupProps extends FunctionHosting {
  readonly deployment: string;
  readonly namespaces: NamespacesParameter;
}

export class RegistrationCleanup extends Construct {
  readonly function: DiscoveryFunction;
  readonly #namespaces: NamespacesParameter;

  constructor(scope: Construct, id: string, { deployment, namespaces, ...hosting }: RegistrationCleanupProps) {
    super(scope, id);
    this.#namespaces = namespaces;
    this.function = new DiscoveryFunction(this, 'Function', {
      entry: 'functions/register/registration-cleanup.ts',
      description: 'Deregisters what a deployment registered in Cloud Map when CloudFormation deletes it.',
      timeout: TIMEOUT,
      serviceName: 'registration-cleanup',
      ...hosting,
    });
    this.function.addEnvironment(ENVIRONMENT.deployment, deployment);
    namespaces.describe(this.function);
    namespaces.grantRead(this.function);
    grantFindServices(this.function);
    grantListInstances(this, this.function);
    grantDeregister(this, this.function, deployment);
  }

  /**
   * At the deletion of this resource, the owned service, or without one all services that the deployment owns, are
   * emptied. Whatever registers has to depend on it, so that it is deleted before.
   */
  emptyOnDelete(scope: Construct, id: string, service?: IService): CustomResource {
    const resource = new CustomResource(scope, id, {
      serviceToken: this.function.functionArn,
      resourceType: 'Custom::CloudMapRegistrations',
      // Without it CloudFormation would wait an hour for a function that could not even start.
      serviceTimeout: TIMEOUT.plus(Duration.minutes(1)),
      ...(service !== undefined && { properties: { [REGISTRATIONS_RESOURCE.serviceId]: service.serviceId } }),
    });
    // The namespaces parameter says where the services are.
    if (service === undefined) resource.node.addDependency(this.#namespaces);
    return resource;
  }
}
