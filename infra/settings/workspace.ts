/** An AMP workspace that exists, by its id or by a URL of it, which also names the Region. */
import { BadValue, type Shape, shape } from '../props/shape.ts';

export interface ExistingWorkspace {
  readonly workspaceId: string;
  /** Where it is not the Region of the deployment. */
  readonly region: string | undefined;
}

const ID = /^ws-[0-9a-f-]{3,}$/;
const HOST = /^aps-workspaces\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/;

export const workspaceShape: Shape<ExistingWorkspace> = shape('the id (ws-…) or the URL of an AMP workspace', (raw) => {
  const said = typeof raw === 'string' ? raw.trim() : '';
  if (ID.test(said)) return { workspaceId: said, region: undefined };
  const url = URL.canParse(said) ? new URL(said) : undefined;
  const region = HOST.exec(url?.hostname ?? '')?.[1];
  const workspaceId = url?.pathname.split('/')[2] ?? '';
  if (region !== undefined && ID.test(workspaceId)) return { workspaceId, region };
  throw new BadValue(`must be the id (ws-…) or the URL of an AMP workspace, not ${JSON.stringify(raw)}`);
});
