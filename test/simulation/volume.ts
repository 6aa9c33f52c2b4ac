/** A volume in memory. Each operation is a moment at which the process may be killed; what it did before stays. */

/** The folder that the collector reads. */
export const WATCHED = '/volume/targets';

type Step = () => Promise<void>;

export class SimulatedVolume {
  readonly #files = new Map<string, string>();
  /** Hears of each new content of a file in the watched folder; undefined where the file is gone. */
  onChange: (name: string, content: string | undefined) => void = () => {};
  onWipe: () => void = () => {};

  /** The volume is lost, as Fargate's is with its task. */
  wipe(): void {
    this.#files.clear();
    this.onWipe();
  }

  /** The files of a folder, by name. */
  files(directory = WATCHED): Map<string, string> {
    return new Map(
      [...this.#files].filter(([path]) => directoryOf(path) === directory).map(([path, it]) => [nameOf(path), it]),
    );
  }

  /** `fs/promises`, as far as target-sync uses it, for one process; `step` never returns once the process is dead. */
  seenBy(step: Step) {
    const read = async (path: string): Promise<string> => {
      await step();
      return this.#known(path);
    };
    return {
      mkdir: step,
      chmod: step,
      access: read,
      readFile: read,
      stat: async (path: string) => ({ size: (await read(path)).length }),
      readdir: async (directory: string) => {
        await step();
        return [...this.files(directory).keys()];
      },
      rm: async (path: string) => {
        await step();
        this.#remove(path);
      },
      unlink: async (path: string) => {
        await step();
        this.#known(path);
        this.#remove(path);
      },
      rename: async (from: string, to: string) => {
        await step();
        const content = this.#known(from);
        this.#remove(from);
        this.#set(to, content);
      },
      writeFile: (path: string, content: string) => this.#write(path, content, step),
      open: async (path: string, flags = 'r') => {
        await step();
        if (flags.includes('x') && this.#files.has(path)) throw errno('EEXIST', path);
        if (flags.startsWith('r')) this.#known(path);
        else this.#set(path, '');
        return {
          writeFile: (content: string) => this.#write(path, content, step),
          readFile: () => read(path),
          chmod: step,
          sync: step,
          datasync: step,
          close: step,
        };
      },
    };
  }

  async #write(path: string, content: string, step: Step): Promise<void> {
    await step();
    this.#set(path, content.slice(0, content.length / 2));
    await step();
    this.#set(path, content);
  }

  #known(path: string): string {
    const content = this.#files.get(path);
    if (content === undefined) throw errno('ENOENT', path);
    return content;
  }

  #set(path: string, content: string): void {
    this.#files.set(path, content);
    if (directoryOf(path) === WATCHED) this.onChange(nameOf(path), content);
  }

  #remove(path: string): void {
    if (this.#files.delete(path) && directoryOf(path) === WATCHED) this.onChange(nameOf(path), undefined);
  }
}

const errno = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code });
const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
