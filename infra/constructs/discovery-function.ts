/** A Lambda function of this project: bundled from `functions/`, with logs that end and a name in its metrics. */
import { join } from 'node:path';
import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { METRICS_NAMESPACE } from '../../functions/discovery/metric-names.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');

export interface DiscoveryFunctionProps {
  /** Entry file, relative to the repository. */
  readonly entry:
    | 'functions/observe/handler.ts'
    | 'functions/store/handler.ts'
    | 'functions/register/handler.ts'
    | 'functions/resync/handler.ts'
    | 'functions/register/registration-cleanup.ts'
    | 'functions/lambda/grafana-provisioning.ts';
  readonly description: string;
  readonly timeout: Duration;
  /** Value of the dimension `service` of its metrics, and of the field `service` of its logs. */
  readonly serviceName: string;
  readonly logRetention: RetentionDays;
}

export class DiscoveryFunction extends NodejsFunction {
  constructor(scope: Construct, id: string, props: DiscoveryFunctionProps) {
    const { entry, description, timeout, serviceName, logRetention } = props;
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // In place of the managed policy, which allows to write to every log group.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      entry: join(REPOSITORY, entry),
      projectRoot: REPOSITORY,
      depsLockFilePath: join(REPOSITORY, 'package-lock.json'),
      description,
      timeout,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // A Lambda's CPU grows with its memory: at 256 MB a cold start takes twice as long for the same price.
      memorySize: 512,
      // The SDK of the runtime rather than our own: it keeps the bundle under 300 KB, and with it the cold start short.
      bundling: { minify: true, format: OutputFormat.CJS, target: 'node24', externalModules: ['@aws-sdk/*'] },
      logGroup,
      role,
      environment: { POWERTOOLS_SERVICE_NAME: serviceName, POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE },
    });
  }
}
