/** Who receives a grant: a permission and the environment variables that go with it arrive together. */
import type { ContainerDefinition } from 'aws-cdk-lib/aws-ecs';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';

/** A Lambda function is one as it stands; for a container see {@link containerGrantTarget}. */
export interface GrantTarget extends IGrantable {
  addEnvironment(name: string, value: string): unknown;
}

/** A container: its permissions are those of the task's role. */
export const containerGrantTarget = (container: ContainerDefinition): GrantTarget => ({
  grantPrincipal: container.taskDefinition.taskRole.grantPrincipal,
  addEnvironment: (name, value) => container.addEnvironment(name, value),
});
