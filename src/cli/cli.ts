#!/usr/bin/env node
/** `npx affinage …`: the process that hears Ctrl-C, around the one that works (see child.ts). */
import { isChild, runChild, wantsChild } from './child.ts';

if (!isChild && wantsChild(process.argv.slice(2))) process.exitCode = await runChild(process.argv.includes('--verbose'));
else await (await import('./run.ts')).run();
