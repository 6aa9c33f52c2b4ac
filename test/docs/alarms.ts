/** The alarms of an app that is not synthesised yet, by the names that people know them by. */
import type { App } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';

export const alarmsIn = (app: App): readonly Alarm[] =>
  app.node.findAll().filter((construct) => construct instanceof Alarm);
