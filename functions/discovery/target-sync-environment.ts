/** Environment variables of target-sync alone, which a user may run without the constructs. Others are in names.ts. */
export const TARGET_SYNC_ENVIRONMENT = {
  /** URL of its queue of announcements. */
  queueUrl: 'TARGET_SYNC_QUEUE_URL',
  /** Its volume; the file_sd files are in the folder `TARGET_FILES_FOLDER` there. */
  directory: 'TARGET_SYNC_DIRECTORY',
  /** Seconds between safety refreshes. */
  refreshSeconds: 'TARGET_SYNC_REFRESH_SECONDS',
  /** Port of its health check, metrics, status page and http_sd. */
  healthPort: 'TARGET_SYNC_HEALTH_PORT',
  /** Address on which others reach its metrics, status page and http_sd; its health check is on 127.0.0.1. */
  listen: 'TARGET_SYNC_LISTEN',
  /** Which of the collectors this one is, counted from 0, and how many there are: `0/1`. */
  collector: 'TARGET_SYNC_COLLECTOR',
} as const;
