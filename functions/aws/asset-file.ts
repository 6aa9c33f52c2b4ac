/** Files that `cdk deploy` put into S3. */
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Sender } from './clients.ts';

/** @param location `s3://<bucket>/<key>` */
export async function readAsset(client: Sender<S3Client>, location: string): Promise<string> {
  const { hostname, pathname } = new URL(location);
  const { Body } = await client.send(new GetObjectCommand({ Bucket: hostname, Key: pathname.slice(1) }));
  if (Body === undefined) throw new Error(`${location} is empty`);
  return Body.transformToString();
}
