#!/usr/bin/env node
/** `npx affinage …`: the parent process, which handles Ctrl-C and starts the one that works (see child.ts). */
import { isChild, runChild, wantsChild } from './child.ts';

if (!isChild && wantsChild(process.argv.slice(2))) process.exitCode = await runChild(process.argv.includes('--verbose'));
else await (await import('./run.ts')).run();
