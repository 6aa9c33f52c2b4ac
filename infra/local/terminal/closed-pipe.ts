/** `| head` closes the pipe: nobody wants the rest, and that is no error. */
export const whenPipeCloses = (end: () => void, output: NodeJS.WriteStream = process.stdout): void => {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    end();
  });
};
