/**
 * Ends the process groups of a run that could not end them itself, for instance because it was killed with -9: a
 * shell that waits for the end of a pipe that only this process holds open.
 */
import { type ChildProcess, spawn } from 'node:child_process';

const SCRIPT = `
trap '' INT TERM HUP
groups=
while read -r verb group; do
  case $verb in
    add) groups="$groups $group" ;;
    remove)
      rest=
      for one in $groups; do [ "$one" = "$group" ] || rest="$rest $one"; done
      groups=$rest ;;
  esac
done
for group in $groups; do kill -s TERM -- "-$group"; done
[ -z "$groups" ] || sleep 2
for group in $groups; do kill -s KILL -- "-$group"; done
`;

let guard: ChildProcess | undefined;

const tell = (line: string): void => {
  if (guard === undefined) {
    guard = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    guard.unref();
    // A guard that could not be started is no reason to stop: it only matters when this process dies unasked.
    guard.on('error', () => {});
    guard.stdin?.on('error', () => {});
    if (guard.stdin !== null && 'unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
  }
  guard.stdin?.write(`${line}\n`);
};

/** From now on the group ends when this process does, however it ends. */
export const guardGroup = (group: number): void => tell(`add ${group}`);

/** The group ended in the ordinary way. Its number may be somebody else's soon. */
export const releaseGroup = (group: number): void => tell(`remove ${group}`);
