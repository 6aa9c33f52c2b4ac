import type { QueuedMessage } from '../aws/sqs.ts';
import { type Announcement, decodeAnnouncement, MalformedAnnouncement } from '../discovery/change/announcement.ts';
import { DONE, type Outcome } from './queue-batch.ts';
import type { Report } from './report.ts';
import type { DiscoverySettings } from './settings.ts';

/** The announcement in a message, or what becomes of a message that holds none for this deployment. */
export function readAnnouncement(
  {
    settings,
    report,
  }: { readonly settings: Pick<DiscoverySettings, 'deployment' | 'clusters'>; readonly report: Report },
  { messageId, body }: Pick<QueuedMessage, 'messageId' | 'body'>,
): Announcement | Outcome {
  try {
    const announcement = decodeAnnouncement(body);
    const { deployment, cluster } = announcement;
    if (deployment === settings.deployment && settings.clusters.includes(cluster)) return announcement;
    report.warn('announcement is not for this deployment', { messageId, deployment, cluster });
    return DONE;
  } catch (error) {
    if (!(error instanceof MalformedAnnouncement)) throw error;
    return { kind: 'poison', reason: error.message };
  }
}

export const isAnnouncement = (read: Announcement | Outcome): read is Announcement => 'changes' in read;
