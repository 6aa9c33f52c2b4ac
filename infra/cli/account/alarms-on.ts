/** Alarms of a deployment that are on. */
import { type CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { Sender } from '../../../functions/aws/clients.ts';
import { allPages } from '../../../functions/aws/paging.ts';

export interface AlarmOn {
  readonly name: string;
  /** What is wrong and what to do about it. */
  readonly description: string;
  /** In milliseconds since 1970. */
  readonly since?: number;
}

/** Those of the discovery stack and of the metrics stack: an alarm without a name begins with that of its stack. */
export async function alarmsOn(cloudWatch: Sender<CloudWatchClient>, deployment: string): Promise<AlarmOn[]> {
  const alarms = await allPages(async (NextToken) => {
    const page = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: deployment, StateValue: 'ALARM', NextToken }),
    );
    return { items: page.MetricAlarms ?? [], next: page.NextToken };
  });
  const isOwn = (name: string): boolean =>
    ['-Discovery', '-metrics-'].some((part) => name.startsWith(`${deployment}${part}`));
  return alarms
    .filter(({ AlarmName = '' }) => isOwn(AlarmName))
    .map(({ AlarmName = '', AlarmDescription = '', StateTransitionedTimestamp }) => ({
      name: AlarmName,
      description: AlarmDescription,
      ...(StateTransitionedTimestamp && { since: new Date(StateTransitionedTimestamp).getTime() }),
    }));
}
