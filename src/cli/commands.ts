import { bench } from './bench.ts';
import type { Command } from './command.ts';
import { embed } from './embed.ts';
import { fillMask } from './fill-mask.ts';
import { info } from './info.ts';
import { quantize } from './quantize.ts';
import { tokenize } from './tokenize.ts';
import { verify } from './verify.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [fillMask, embed, tokenize, info, bench, quantize, verify];
