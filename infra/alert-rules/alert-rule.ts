/** An alert rule of Prometheus, with what a person on call needs to read. */
export interface AlertRule {
  /** Name of the alert, and the anchor of its section in docs/alerts/README.md. Keep it: silences and routes name it. */
  readonly name: string;
  /** PromQL. Each series of its result is one alert. */
  readonly expression: string;
  /** How long the expression has to hold without a break, such as `5m`. */
  readonly holdsFor: string;
  /** `critical`: metrics are being lost, or will be. `warning`: look at it in working hours. */
  readonly severity: 'critical' | 'warning';
  /** What happened, to what. A Go template. */
  readonly summary: string;
  /** What to do. */
  readonly action: string;
}
