/**
 * A module for `--import` that kills the command line's working process in front of its n-th call of the file system that changes
 * something (KILL_AT): an exact place, where a timer would only hit one by luck. COUNT names a file for the number of calls.
 */
export const killAt = `
import fs from 'node:fs';
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
if (process.channel) {
  const at = Number(process.env.KILL_AT);
  let calls = 0;
  const handle = await fsp.open('/dev/null');
  const opened = Object.getPrototypeOf(handle);
  await handle.close();
  const watch = (object, names) => {
    for (const name of names) {
      const original = object[name];
      object[name] = function (...args) {
        if (++calls === at) process.kill(process.pid, 'SIGKILL');
        return original.apply(this, args);
      };
    }
  };
  watch(fsp, ['open', 'rename', 'rm', 'mkdir', 'rmdir', 'link', 'unlink']);
  watch(fs, ['renameSync', 'rmSync']);
  watch(opened, ['write', 'writeFile', 'sync', 'datasync', 'truncate']);
  syncBuiltinESMExports();
  process.on('exit', () => fs.writeFileSync(process.env.COUNT, String(calls)));
}
`;

/** A module for `--import` with which the disk is full from the moment that a file is opened whose path holds FULL_IN. */
export const fullIn = `
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
if (process.channel) {
  let isFull = false;
  const handle = await fsp.open('/dev/null');
  const opened = Object.getPrototypeOf(handle);
  await handle.close();
  const { open } = fsp;
  fsp.open = function (path, ...args) {
    isFull ||= String(path).includes(process.env.FULL_IN);
    return open.call(this, path, ...args);
  };
  syncBuiltinESMExports();
  const { write } = opened;
  opened.write = function (...args) {
    if (!isFull) return write.apply(this, args);
    return Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', errno: -28, syscall: 'write' }));
  };
}
`;

/** A module for `--import` that never lets the working process hear anything, from 300 ms after its start. */
export const busy = `
if (process.channel) setTimeout(() => { for (;;); }, 300);
`;
