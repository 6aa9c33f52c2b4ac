import type { Report } from '../../../functions/lambda/report.ts';

/** What the look-ups say to an operator's log and metrics, the command line says itself. */
export const SILENT: Report = { info: () => {}, warn: () => {}, count: () => {} };
