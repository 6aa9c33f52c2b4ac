/** A folder in memory. Each operation is a moment at which the process may be killed; what it did before stays. */
import type { FileSystem } from '../../containers/target-sync/file-system.ts';

export class SimulatedFolder {
  readonly #files = new Map<string, string>();
  /** Told when a name has a new content; undefined when it is gone. */
  onChange: (name: string, content: string | undefined) => void = () => {};

  names(): string[] {
    return [...this.#files.keys()].map(nameOf);
  }

  read(name: string): string | undefined {
    return [...this.#files].find(([path]) => nameOf(path) === name)?.[1];
  }

  #set(path: string, content: string): void {
    this.#files.set(path, content);
    this.onChange(nameOf(path), content);
  }

  #remove(path: string): void {
    if (this.#files.delete(path)) this.onChange(nameOf(path), undefined);
  }

  /** The folder as a process sees it; `step` never returns once the process is dead. */
  seenBy(step: () => Promise<void>): FileSystem {
    const files = this.#files;
    const known = (path: string): string => {
      const content = files.get(path);
      if (content === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
      return content;
    };
    const operations = {
      mkdir: step,
      chmod: step,
      readdir: async () => {
        await step();
        return this.names();
      },
      readFile: async (path: string) => {
        await step();
        return known(path);
      },
      rm: async (path: string) => {
        await step();
        this.#remove(path);
      },
      rename: async (from: string, to: string) => {
        await step();
        const content = known(from);
        files.delete(from);
        this.#set(to, content);
      },
      open: async (path: string) => {
        await step();
        if (files.has(path)) throw Object.assign(new Error(`EEXIST: ${path}`), { code: 'EEXIST' });
        this.#set(path, '');
        return {
          writeFile: async (content: string) => {
            this.#set(path, content.slice(0, content.length / 2));
            await step();
            this.#set(path, content);
          },
          chmod: step,
          sync: step,
          close: step,
        };
      },
    };
    return operations as unknown as FileSystem;
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
