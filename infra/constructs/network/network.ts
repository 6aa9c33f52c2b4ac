/** The network of the reference system: a VPC with two public and two private subnets, and NAT between them. */
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { misshapen, refuse } from '../../props/problems.ts';
import { NAT_GATEWAYS, VPC_CIDR } from '../../props/shapes.ts';

export interface NetworkProps {
  /**
   * IPv4 range of the VPC, which its four subnets share evenly: /16 to /26.
   * @default '10.10.0.0/16'
   */
  readonly cidr?: string;
  /**
   * NAT gateways, 1 or 2. With two, an availability zone that fails takes only its own tasks along.
   * @default 1
   */
  readonly natGateways?: number;
  /**
   * How long the log of refused connections is kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
}

export class Network extends Construct {
  readonly vpc: IVpc;

  constructor(scope: Construct, id: string, props: NetworkProps = {}) {
    super(scope, id);
    refuse(this, misshapen(props, { cidr: VPC_CIDR, natGateways: NAT_GATEWAYS }));
    const { cidr = '10.10.0.0/16', natGateways = 1, logRetention = RetentionDays.ONE_MONTH } = props;
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(cidr),
      maxAzs: 2,
      natGateways,
      // Free, and image layers, which ECR keeps in S3, do not pass the NAT gateway, which is paid by the gigabyte.
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
      // Nothing here uses the default security group, and the Lambda function that would empty it leaves a log group behind.
      restrictDefaultSecurityGroup: false,
    });
    const log = new LogGroup(this, 'RefusedConnections', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // A scrape that a security group refuses shows here, with its port; accepted traffic would only cost.
    vpc.addFlowLog('Refused', {
      destination: FlowLogDestination.toCloudWatchLogs(log),
      trafficType: FlowLogTrafficType.REJECT,
    });
    // CDK's own types do not fit each other under exactOptionalPropertyTypes.
    this.vpc = vpc as IVpc;
  }
}
