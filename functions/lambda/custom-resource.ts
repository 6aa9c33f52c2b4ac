/** The frame of a Lambda behind a CloudFormation resource: whatever happens, CloudFormation is told. */
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { answerCloudFormation } from '../aws/cloudformation-answer.ts';
import { describeError } from '../aws/errors.ts';
import { systemClock } from '../aws/system-clock.ts';
import type { Report } from './report.ts';

/** For the answer to CloudFormation, which waits long for one that never comes. */
const RESERVE_MILLISECONDS = 20_000;

export interface CustomResource {
  /**
   * What the resource is, where its properties tell. When that changes, CloudFormation deletes the earlier one. Absent: it
   * is always the same.
   */
  readonly identity?: (properties: Readonly<Record<string, unknown>>) => string | undefined;
  /** @param deadline when to give up, in milliseconds since 1970 */
  readonly handle: (event: CloudFormationCustomResourceEvent, deadline: number) => Promise<void>;
}

export const customResource =
  ({ identity, handle }: CustomResource, report: Report) =>
  async (event: CloudFormationCustomResourceEvent, context: Context): Promise<void> => {
    const known = 'PhysicalResourceId' in event ? event.PhysicalResourceId : undefined;
    const wanted = event.RequestType === 'Delete' ? undefined : identity?.(event.ResourceProperties);
    const id = wanted ?? known ?? event.LogicalResourceId;
    try {
      await handle(event, systemClock.now() + context.getRemainingTimeInMillis() - RESERVE_MILLISECONDS);
      await answerCloudFormation(event, id);
    } catch (error) {
      const reason = describeError(error);
      report.warn('custom resource failed', { request: event.RequestType, reason });
      await answerCloudFormation(event, id, reason);
    }
  };
