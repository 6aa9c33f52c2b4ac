/** Lambda behind a CloudFormation resource: the data source and the dashboards of a Grafana workspace. */
import * as z from 'zod/mini';
import { readAsset } from '../aws/asset-file.ts';
import { grafanaClient, s3Client } from '../aws/clients.ts';
import { createGrafanaApi } from '../aws/grafana-api.ts';
import { withGrafanaToken } from '../aws/grafana-workspace.ts';
import { systemClock } from '../aws/system-clock.ts';
import { customResource } from './custom-resource.ts';
import { createTelemetry } from './telemetry.ts';

const { report } = createTelemetry('grafana-provisioning');

/** The properties of the resource; GrafanaProvisioningProperties in names.ts says what each is. */
const properties = z.object({
  WorkspaceId: z.string(),
  Url: z.string(),
  DataSource: z.object({ name: z.string(), uid: z.string(), url: z.string(), region: z.string() }),
  Dashboards: z.array(z.string()),
});
const dashboard = z.record(z.string(), z.unknown());

export const handler = customResource(
  {
    async handle({ RequestType, RequestId, ResourceProperties }, deadline) {
      // The contents go with the workspace.
      if (RequestType === 'Delete') return;
      const { WorkspaceId, Url, DataSource, Dashboards } = properties.parse(ResourceProperties);
      const s3 = await s3Client();
      const texts = await Promise.all(Dashboards.map((location) => readAsset(s3, location)));
      const account = { workspaceId: WorkspaceId, name: `provisioning-${RequestId}` };
      await withGrafanaToken(await grafanaClient(), account, async (token) => {
        const grafana = createGrafanaApi({ url: Url, token }, systemClock, deadline);
        await grafana.putDataSource(DataSource);
        for (const text of texts) await grafana.putDashboard(dashboard.parse(JSON.parse(text)));
      });
    },
  },
  report,
);
