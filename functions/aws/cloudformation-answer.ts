/** The answer of a custom resource, which CloudFormation expects at a URL that it hands over. */
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

/** CloudFormation takes answers of up to 4,096 bytes in all (its user guide, custom resource response objects). */
const REASON_CHARACTERS = 1000;
const ATTEMPTS = 3;

/**
 * @param failure why it did not work; absent: it did
 * @throws Error when CloudFormation cannot be told
 */
export async function answerCloudFormation(
  { ResponseURL, StackId, RequestId, LogicalResourceId }: CloudFormationCustomResourceEvent,
  physicalResourceId: string,
  failure?: string,
): Promise<void> {
  const body = JSON.stringify({
    Status: failure === undefined ? 'SUCCESS' : 'FAILED',
    ...(failure !== undefined && { Reason: failure.slice(0, REASON_CHARACTERS) }),
    PhysicalResourceId: physicalResourceId,
    StackId,
    RequestId,
    LogicalResourceId,
  });
  for (let attempt = 1; ; attempt++) {
    try {
      // The URL is signed for an empty content type.
      const answer = await fetch(ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } });
      if (answer.ok) return;
      throw new Error(`CloudFormation answered ${answer.status}`);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}
