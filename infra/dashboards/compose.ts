import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type AnnotationQuery,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { portable } from './portable.ts';

/** Carried by all dashboards of this project, and what links them with each other. */
const TAG = 'ecs-prometheus-discovery';

export interface DashboardOptions {
  /** Stays the same for ever: it is the dashboard's address, and an import replaces the dashboard that has it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Builder<VariableModel>[];
  /** What is marked on the graphs. */
  readonly annotations: readonly Builder<AnnotationQuery>[];
  /** Rows with their panels, from top to bottom. */
  readonly rows: Readonly<Record<string, readonly Builder<Panel>[]>>;
}

/** Puts rows and panels on the grid and numbers the panels, so that a link to one of them stays right. */
export const compose = ({ uid, title, description, variables, annotations, rows }: DashboardOptions): Dashboard => {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .editable()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .variables([...variables])
    .annotations([...annotations])
    .link(
      new DashboardLinkBuilder('Metrics of ECS')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true),
    );
  for (const [name, panels] of Object.entries(rows)) {
    dashboard.withRow(new RowBuilder(name));
    for (const panel of panels) dashboard.withPanel(panel);
  }
  const built = portable(dashboard.build());
  return { ...built, panels: (built.panels ?? []).map((panel, index) => ({ ...panel, id: index + 1 })) };
};
