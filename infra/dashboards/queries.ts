/** PromQL that several panels share. */

/**
 * The rate of a counter. Grafana makes the window long enough for four scrapes, and for what lies between two points of
 * the graph, so that no increase is left out; it takes the scrape interval from the settings of the data source.
 */
export const rate = (counter: string): string => `rate(${counter}[$__rate_interval])`;

export const BY_TASK = 'by (cluster, service, taskid)';

/** Series by service, for the legend {@link SERVICE}: a task that no service started would have an empty name there. */
export const perService = (expr: string): string => `label_replace(${expr}, "service", "no service", "service", "")`;

/** Legend of {@link perService}. */
export const SERVICE = '{{cluster}} / {{service}}';

/** Series by task, for the legend {@link TASK}, with the first eight characters of its id as the label `task`: that is what a person reads. */
const perTask = (expr: string): string => `label_replace(${perService(expr)}, "task", "$1", "taskid", "(.{1,8}).*")`;

/** Legend of {@link mostTasks}. */
export const TASK = '{{service}} {{task}}';

/** A legend with a line for each of thousands of tasks would be of no use to anybody. */
export const MOST = 20;

/** The tasks with the largest values at each moment, for the legend {@link TASK}. */
export const mostTasks = (expr: string): string => perTask(`topk(${MOST}, ${expr})`);
