/**
 * The GPU driver's chatter and our one-line errors share file descriptor 2. On terminals and pipes `withoutStderr`
 * (node/gpu.ts) parts them; it cannot where the descriptor is a file or a socket (another Node program gives us sockets).
 * Then the command runs in a child whose descriptor 2 leads nowhere and whose descriptor 3 is our descriptor 2; notes go to 3.
 */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { canPartStderr } from '../node/gpu.ts';
import { exitCodes } from './main.ts';

const mark = 'AFFINAGE_NOTES_FD';

/** Where notes go in this process: 2, or in a quiet child 3. */
export const notesFd = process.env[mark] === '3' ? 3 : 2;

export function wantsQuietChild(): boolean {
  return notesFd === 2 && process.platform !== 'win32' && !canPartStderr();
}

/** The same command line in a quiet child; resolves to its exit code. */
export function runQuietChild(): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'ignore', 2, 'ipc'],
    env: { ...process.env, [mark]: '3' },
  });
  process.on('SIGINT', () => child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise(resolve => {
    child.on('error', error => {
      writeSync(2, `affinage: the command could not be started: ${error.message}\n`);
      resolve(exitCodes.failed);
    });
    child.on('close', (code, signal) => {
      if (signal)
        writeSync(
          2,
          `affinage: the command died (${signal}), maybe in the GPU driver; run it again with --verbose to see what the driver says\n`,
        );
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGABRT']);
    });
  });
}

/** In a quiet child: ends with its parent, however that ends. */
export function endWithParent(): void {
  if (notesFd === 2 || !process.channel) return;
  process.on('disconnect', () => process.exit(exitCodes.failed));
  process.channel.unref();
}
