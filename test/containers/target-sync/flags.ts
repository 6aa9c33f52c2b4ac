/** Options of Node in the Dockerfile; test/containers/images.test.ts runs what is written there. */
export const FLAGS = ['--jitless', '--max-semi-space-size=1', '--expose-gc'];
