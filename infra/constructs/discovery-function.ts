/** A Lambda function of this project: a bundle of `functions/`, with logs that end and a name in its metrics. */
import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, ISubnet } from 'aws-cdk-lib/aws-ec2';
import { Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type CfnFunction, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { METRICS_NAMESPACE } from '../../functions/discovery/metric-names.ts';
import { builtFolder } from '../build/built-folder.ts';
import { type FunctionEntry, functionFolder } from '../build/function-bundles.ts';
import { acknowledgeWildcards } from './acknowledge.ts';

/** What all functions of a deployment share. */
export interface FunctionHosting {
  readonly logRetention: RetentionDays;
  /**
   * Where the functions have their network interfaces. From there the endpoints of SQS, SNS, SSM, ECS, EC2, CloudWatch Logs and,
   * if it is used, Cloud Map have to be in reach.
   * @default - outside any VPC of yours
   */
  readonly network?: FunctionNetwork | undefined;
}

/** Subnets and security groups of a VPC, at least one of each. */
export interface FunctionNetwork {
  readonly subnets: readonly ISubnet[];
  readonly securityGroups: readonly ISecurityGroup[];
}

export interface DiscoveryFunctionProps extends FunctionHosting {
  /** Entry file, relative to the repository. */
  readonly entry: FunctionEntry;
  readonly description: string;
  readonly timeout: Duration;
  /** Value of the dimension `service` of its metrics, and of the field `service` of its logs. */
  readonly serviceName: string;
}

export class DiscoveryFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: DiscoveryFunctionProps) {
    const { entry, description, timeout, serviceName, logRetention, network } = props;
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // In place of the managed policy, which allows to write to every log group.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      code: Code.fromAsset(builtFolder(functionFolder(entry))),
      handler: 'index.handler',
      description,
      timeout,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // A Lambda's CPU grows with its memory: at 256 MB a cold start takes twice as long for the same price.
      memorySize: 512,
      logGroup,
      role,
      environment: { POWERTOOLS_SERVICE_NAME: serviceName, POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE },
    });
    if (network !== undefined) this.#placeIn(network);
  }

  /** By ids, so that subnets need no VPC that is known. The permissions are those of AWSLambdaVPCAccessExecutionRole; IAM knows no resource for them. */
  #placeIn({ subnets, securityGroups }: FunctionNetwork): void {
    const resource = this.node.defaultChild as CfnFunction;
    resource.vpcConfig = {
      subnetIds: subnets.map(({ subnetId }) => subnetId),
      securityGroupIds: securityGroups.map(({ securityGroupId }) => securityGroupId),
    };
    const resourceArns = ['*'];
    const actions = [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ];
    Grant.addToPrincipal({ grantee: this, actions, resourceArns });
    acknowledgeWildcards(this, resourceArns, 'Lambda makes and removes its own network interfaces.');
  }
}
