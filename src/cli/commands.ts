import { bench } from './bench.ts';
import { check } from './check.ts';
import { cka } from './cka.ts';
import type { Command } from './command.ts';
import { embed } from './embed.ts';
import { evaluate } from './evaluate.ts';
import { exportCommand } from './export.ts';
import { fillMask } from './fill-mask.ts';
import { importCommand } from './import.ts';
import { info } from './info.ts';
import { models } from './models.ts';
import { pull } from './pull.ts';
import { quantize } from './quantize.ts';
import { remove } from './remove.ts';
import { surprisal } from './surprisal.ts';
import { tokenize } from './tokenize.ts';
import { train } from './train.ts';
import { verify } from './verify.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  fillMask,
  embed,
  surprisal,
  tokenize,
  info,
  pull,
  models,
  remove,
  check,
  exportCommand,
  importCommand,
  quantize,
  evaluate,
  train,
  cka,
  verify,
  bench,
];
