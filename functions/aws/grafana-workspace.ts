/** Amazon Managed Grafana as AWS sees it: who may call the Grafana API of a workspace, and for how long. */
import {
  CreateWorkspaceServiceAccountCommand,
  CreateWorkspaceServiceAccountTokenCommand,
  DeleteWorkspaceServiceAccountCommand,
  type GrafanaClient,
} from '@aws-sdk/client-grafana';
import type { Sender } from './clients.ts';

/** Longer than the Lambda runs. */
const TOKEN_SECONDS = 900;

/**
 * Does something with a token for the workspace's Grafana API, and takes the token back, whatever became of it.
 *
 * @param name of the service account; it must not exist
 */
export async function withGrafanaToken(
  client: Sender<GrafanaClient>,
  { workspaceId, name }: { readonly workspaceId: string; readonly name: string },
  act: (token: string) => Promise<void>,
): Promise<void> {
  // Data sources are for administrators.
  const account = await client.send(
    new CreateWorkspaceServiceAccountCommand({ workspaceId, name, grafanaRole: 'ADMIN' }),
  );
  const serviceAccountId = account.id;
  try {
    const { serviceAccountToken } = await client.send(
      new CreateWorkspaceServiceAccountTokenCommand({
        workspaceId,
        serviceAccountId,
        name,
        secondsToLive: TOKEN_SECONDS,
      }),
    );
    await act(serviceAccountToken?.key ?? '');
  } finally {
    await client.send(new DeleteWorkspaceServiceAccountCommand({ workspaceId, serviceAccountId }));
  }
}
