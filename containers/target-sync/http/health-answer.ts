import type { HealthReport } from '../operator/health.ts';
import type { Incidents } from '../operator/incidents.ts';
import { type Answer, json } from './answer.ts';

/**
 * For the container's own health check, on the loopback address only. 503 until the targets were loaded once, then 200 as
 * long as the process answers, also while it fails: at a bad answer ECS would replace the task, and when AWS cannot be read
 * the collector beside it would lose the targets that it still has.
 */
export function healthAnswer(health: HealthReport, incidents: Incidents): Answer {
  return json(health.status === 'starting' ? 503 : 200, { ...health, problems: incidents.open() });
}
