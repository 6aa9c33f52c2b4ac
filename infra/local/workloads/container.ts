import type { ContainerDefinition } from '../ecs/model.ts';

/** A container and where it runs. */
export interface LocalContainer {
  readonly definition: ContainerDefinition;
  /** Of its definition, and HOST and PORT to listen on. */
  readonly environment: Readonly<Record<string, string>>;
  readonly address: string;
  /** That it listens on, unless its definition sets another PORT. */
  readonly port: number;
  readonly log: string;
}
