/**
 * What the collector's log says when it loses data, in the words of OpenTelemetry's exporter helper: a batch that AMP
 * refused or did not take in time; one for which the queue has no room; a scrape that the memory limiter turned away. The
 * collector's own metrics say so, too, but take the way that is broken.
 */
export const LOSS_PHRASES = [
  'Exporting failed. Dropping data.',
  'Exporting failed. Rejecting data.',
  'Memory usage is above soft limit. Refusing data.',
] as const;
