/**
 * Runs a program over a text, in one of two ways with the same answers:
 *
 * - plain backtracking, the fastest on the patterns of real tokenizers, as long as its steps stay within a limit that grows with the
 *   text (`credit`);
 * - from then on with a memory of every state (instruction, position, progress) that was tried and its outcome. No state is entered
 *   twice, neither in one search nor in the searches from later positions, so the cost is at most the size of the program × the length
 *   of the text for every pattern. The answers are the same, because a state has the same outcome each time and no state leads back to
 *   itself without reading (see program.ts).
 */
import { TokenizerError } from '../../errors.ts';
import { spend } from '../allowance.ts';
import { Memory } from './memory.ts';
import { Op, type Program } from './program.ts';

/** No match, and no answer yet: the credit is used up. */
const none = -1;
const broke = -2;
/** Steps of plain backtracking for a text, and more for each of its characters. A real pattern takes 2 to 10. */
const credit = { base: 256, perUnit: 32 };
/** Longest list of branches still to try (4 numbers each): 256 MB. */
const maxStack = 2 ** 26;

export class Machine {
  private readonly program: Program;
  private readonly memoryOnly: boolean;
  private text = '';
  private stack = new Int32Array(256);
  private top = 0;
  private steps = 0;
  private limit = 0;
  private memory: Memory | null = null;

  /** `memoryOnly`: the second way from the start, for the tests. */
  constructor(program: Program, memoryOnly = false) {
    this.program = program;
    this.memoryOnly = memoryOnly;
  }

  /**
   * Every match in a well-formed text, from left to right. An empty match directly behind the previous match is skipped, as
   * Oniguruma's iterator does. Throws TokenizerError when the text is too long for a pattern of this cost.
   */
  each(text: string, visit: (start: number, end: number) => void): void {
    const { first } = this.program;
    this.text = text;
    this.steps = 0;
    this.limit = this.memoryOnly ? none : credit.base + credit.perUnit * text.length;
    let last = -1;
    for (let at = 0; at <= text.length; ) {
      const code = codeAt(text, at);
      if (first !== null && (at === text.length || !first.has(code))) {
        at += code > 0xffff ? 2 : 1;
        continue;
      }
      const end = this.search(at);
      if (end < 0 || (end === at && at === last)) {
        at += code > 0xffff ? 2 : 1;
        continue;
      }
      visit(at, end);
      at = end;
      last = end;
    }
    spend(this.steps, this.program.source);
    this.text = '';
    this.memory = null;
  }

  private search(at: number): number {
    if (!this.memory) {
      this.top = 0;
      const end = this.backtrack(0, at);
      if (end !== broke) return end;
      spend(this.steps, this.program.source);
      this.steps = 0;
      this.memory = new Memory(this.program);
    }
    if (!this.program.looksBehind) this.memory.forgetBefore(at);
    this.top = 0;
    return this.remember(0, at, this.memory);
  }

  /** End of the match that begins at `at`, or `none` or `broke`. */
  private backtrack(pc0: number, at: number): number {
    const { ops, a, b, depth, sets } = this.program;
    const { text } = this;
    const { length } = text;
    const bottom = this.top;
    let pc = pc0;
    let pos = at;
    let progress = 0;
    for (;;) {
      if (++this.steps > this.limit) return broke;
      let ok = true;
      const arg = a[pc] ?? 0;
      switch (ops[pc]) {
        case Op.char:
        case Op.set: {
          const code = pos < length ? codeAt(text, pos) : -1;
          ok = code >= 0 && (ops[pc] === Op.char ? code === arg : (sets[arg]?.has(code) ?? false));
          if (ok) {
            pos += code > 0xffff ? 2 : 1;
            progress = depth[pc] ?? 0;
          }
          break;
        }
        case Op.charBack:
        case Op.setBack: {
          const code = codeBefore(text, pos);
          ok = code >= 0 && (ops[pc] === Op.charBack ? code === arg : (sets[arg]?.has(code) ?? false));
          if (ok) {
            pos -= code > 0xffff ? 2 : 1;
            progress = depth[pc] ?? 0;
          }
          break;
        }
        case Op.jump:
          pc = arg;
          continue;
        case Op.split:
          this.push(b[pc] ?? 0, pos, progress, -1);
          pc = arg;
          continue;
        case Op.run: {
          const set = sets[arg];
          const from = pos;
          while (pos < length) {
            const code = codeAt(text, pos);
            if (!set?.has(code)) break;
            pos += code > 0xffff ? 2 : 1;
          }
          this.steps += pos - from;
          if (pos > from) {
            if (b[pc] === 0) this.push(pc, pos, progress, from);
            progress = depth[pc] ?? 0;
          }
          break;
        }
        case Op.look: {
          const found = this.backtrack(arg, pos);
          if (found === broke) return broke;
          ok = found >= 0 === (b[pc] === 0);
          break;
        }
        case Op.atomic: {
          const end = this.backtrack(arg, pos);
          if (end === broke) return broke;
          ok = end >= 0;
          if (end > pos) progress = depth[pc] ?? 0;
          if (ok) pos = end;
          break;
        }
        case Op.check:
          ok = progress > arg;
          progress = arg;
          break;
        case Op.match:
          this.top = bottom;
          return pos;
        default:
          ok = this.stands(pc, pos);
      }
      if (ok) {
        pc++;
        continue;
      }
      if (this.top === bottom) return none;
      // Back to the last alternative that was not tried: a branch, or a run that is shortened by one code point.
      const { stack } = this;
      const entry = this.top - 4;
      pc = stack[entry] ?? 0;
      pos = stack[entry + 1] ?? 0;
      progress = stack[entry + 2] ?? 0;
      const from = stack[entry + 3] ?? 0;
      if (from < 0) this.top = entry;
      else {
        pos -= codeBefore(text, pos) > 0xffff ? 2 : 1;
        if (pos === from) this.top = entry;
        else {
          stack[entry + 1] = pos;
          progress = depth[pc] ?? 0;
        }
        pc++;
      }
    }
  }

  /** The same with a memory. The stack holds the whole path: each state with its memory cell and its untried branch. */
  private remember(pc0: number, at: number, memory: Memory): number {
    const { ops, a, b, depth, sets, slot } = this.program;
    const { text } = this;
    const { length } = text;
    const bottom = this.top;
    let pc = pc0;
    let pos = at;
    let progress = 0;
    for (;;) {
      if (++this.steps >= 4096) {
        spend(this.steps, this.program.source);
        this.steps = 0;
      }
      const arg = a[pc] ?? 0;
      const op = ops[pc];
      const cell = slot[pc] ?? -1;
      let end: number = none;
      let ok = true;
      if (cell >= 0) {
        const known = memory.get(pos, cell + progress);
        if (known === Memory.failed) ok = false;
        else if (known > Memory.failed) end = known - Memory.matched;
        else this.push(op === Op.split ? (b[pc] ?? 0) : op === Op.run ? pc + 1 : -1, pos, progress, cell + progress);
      }
      if (ok && end < 0) {
        switch (op) {
          case Op.char:
          case Op.set:
          case Op.run: {
            const code = pos < length ? codeAt(text, pos) : -1;
            ok = code >= 0 && (op === Op.char ? code === arg : (sets[arg]?.has(code) ?? false));
            if (ok) {
              pos += code > 0xffff ? 2 : 1;
              progress = depth[pc] ?? 0;
              if (op === Op.run) continue;
            }
            break;
          }
          case Op.charBack:
          case Op.setBack: {
            const code = codeBefore(text, pos);
            ok = code >= 0 && (op === Op.charBack ? code === arg : (sets[arg]?.has(code) ?? false));
            if (ok) {
              pos -= code > 0xffff ? 2 : 1;
              progress = depth[pc] ?? 0;
            }
            break;
          }
          case Op.jump:
          case Op.split:
            pc = arg;
            continue;
          case Op.look:
            ok = this.remember(arg, pos, memory) >= 0 === (b[pc] === 0);
            break;
          case Op.atomic: {
            const inner = this.remember(arg, pos, memory);
            ok = inner >= 0;
            if (inner > pos) progress = depth[pc] ?? 0;
            if (ok) pos = inner;
            break;
          }
          case Op.check:
            ok = progress > arg;
            progress = arg;
            break;
          case Op.match:
            end = pos;
            break;
          default:
            ok = this.stands(pc, pos);
        }
      }
      const { stack } = this;
      if (end >= 0) {
        for (let entry = bottom; entry < this.top; entry += 4) {
          memory.set(stack[entry + 1] ?? 0, stack[entry + 3] ?? 0, end + Memory.matched);
        }
        this.steps += (this.top - bottom) >> 2;
        this.top = bottom;
        return end;
      }
      if (ok) {
        pc++;
        continue;
      }
      for (;;) {
        if (this.top === bottom) return none;
        const entry = this.top - 4;
        pos = stack[entry + 1] ?? 0;
        if ((stack[entry] ?? -1) >= 0) {
          pc = stack[entry] ?? 0;
          progress = stack[entry + 2] ?? 0;
          stack[entry] = -1;
          break;
        }
        memory.set(pos, stack[entry + 3] ?? 0, Memory.failed);
        this.top = entry;
      }
    }
  }

  /** The instructions that only look at the neighbours of a position. */
  private stands(pc: number, pos: number): boolean {
    const { ops, a, b, sets } = this.program;
    const arg = a[pc] ?? 0;
    if (ops[pc] === Op.edge) return pos === (arg === 0 ? 0 : this.text.length);
    const how = b[pc] ?? 0;
    const code = how & 1 ? codeBefore(this.text, pos) : pos < this.text.length ? codeAt(this.text, pos) : -1;
    return (code >= 0 && (sets[arg]?.has(code) ?? false)) !== how > 1;
  }

  private push(pc: number, pos: number, progress: number, extra: number): void {
    const { top } = this;
    if (top + 4 > this.stack.length) {
      if (this.stack.length >= maxStack) throw tooLong(this.program, this.text);
      const larger = new Int32Array(this.stack.length * 4);
      larger.set(this.stack);
      this.stack = larger;
    }
    const { stack } = this;
    stack[top] = pc;
    stack[top + 1] = pos;
    stack[top + 2] = progress;
    stack[top + 3] = extra;
    this.top = top + 4;
  }
}

function tooLong({ source }: Program, text: string): TokenizerError {
  return new TokenizerError(
    `The tokenizer's pattern /${source.slice(0, 60)}/ needs too much memory on a text of ${text.length} characters. Cut the text, or use a model with another tokenizer.`,
    { pattern: source.slice(0, 200), characters: text.length },
  );
}

/** Code point at a position of a well-formed text, -1 at its end. */
function codeAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0xd800 || unit > 0xdbff) return unit;
  return (unit - 0xd800) * 0x400 + text.charCodeAt(at + 1) - 0xdc00 + 0x10000;
}

function codeBefore(text: string, at: number): number {
  if (at === 0) return -1;
  const unit = text.charCodeAt(at - 1);
  if (unit < 0xdc00 || unit > 0xdfff) return unit;
  return (text.charCodeAt(at - 2) - 0xd800) * 0x400 + unit - 0xdc00 + 0x10000;
}
