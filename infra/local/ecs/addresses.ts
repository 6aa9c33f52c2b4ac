/**
 * Loopback addresses for tasks, each used once: all of 127.0.0.0/8 is this machine on Linux. The second part differs
 * from run to run, so that a task of an earlier run is never mistaken for one of this run.
 */
export const loopbackAddresses = (network = 64 + (process.pid % 128)): (() => string) => {
  let next = 1;
  return () => {
    const host = next++;
    return `127.${network}.${Math.floor(host / 254)}.${(host % 254) + 1}`;
  };
};
