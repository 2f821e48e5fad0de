/** Compiles a regular expression of JavaScript (flag v, as `oniguruma-to-es` writes it) to a program of bounded size. */
import { type AST, RegExpParser } from '@eslint-community/regexpp';
import { CharSet } from './char-set.ts';
import { Op, type Program } from './program.ts';

/** Most instructions; a repetition with a count takes its body that many times. The longest pattern of a tokenizer in use has some hundreds. */
const maxInstructions = 10_000;
/** Groups inside groups. */
const maxNesting = 100;
/** Different classes of a pattern; each may keep a megabyte of answers. */
const maxSets = 250;

type Node = AST.Element | AST.Alternative;

/** Throws an Error with the reason when the pattern cannot run in bounded time. */
export function compileProgram(pattern: string, flags: string, source: string): Program {
  if (flags.replace('v', '') !== '') throw new Error(`flags "${flags}" are not applied`);
  const ast = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(pattern, 0, pattern.length, { unicodeSets: true });
  return new Compiler(source).run(ast);
}

class Compiler {
  private readonly source: string;
  private readonly ops: number[] = [];
  private readonly a: number[] = [];
  private readonly b: number[] = [];
  private readonly depths: number[] = [];
  private readonly sets: CharSet[] = [];
  private readonly setOf = new Map<string, number>();
  /** Bodies of look-arounds and atomic groups, written behind the program that uses them. */
  private readonly parts: { at: number; alternatives: readonly AST.Alternative[]; backward: boolean }[] = [];
  private depth = 0;
  private nesting = 0;
  private visits = 0;
  private backward = false;
  private looksBehind = false;

  constructor(source: string) {
    this.source = source;
  }

  run(ast: AST.Pattern): Program {
    this.alternatives(ast.alternatives);
    this.emit(Op.match);
    for (let part = this.parts.shift(); part; part = this.parts.shift()) {
      this.a[part.at] = this.ops.length;
      this.depth = 0;
      this.backward = part.backward;
      this.alternatives(part.alternatives);
      this.emit(Op.match);
    }
    this.settleRuns();
    const { slot, slots } = this.slots();
    return {
      source: this.source,
      ops: Uint8Array.from(this.ops),
      a: Int32Array.from(this.a),
      b: Int32Array.from(this.b),
      depth: Uint8Array.from(this.depths),
      sets: this.sets,
      slot,
      slots,
      first: this.first(),
      looksBehind: this.looksBehind,
    };
  }

  private emit(op: number, a = 0, b = 0): number {
    if (this.ops.length >= maxInstructions) {
      throw new Error(`written out, it has more than ${maxInstructions} steps (repetitions with a count are written out)`);
    }
    this.ops.push(op);
    this.a.push(a);
    this.b.push(b);
    this.depths.push(this.depth);
    return this.ops.length - 1;
  }

  private alternatives(list: readonly AST.Alternative[]): void {
    const ends: number[] = [];
    list.forEach((alternative, i) => {
      const last = i === list.length - 1;
      const split = last ? -1 : this.emit(Op.split, this.ops.length + 1);
      this.sequence(alternative.elements);
      if (last) return;
      ends.push(this.emit(Op.jump));
      this.b[split] = this.ops.length;
    });
    for (const end of ends) this.a[end] = this.ops.length;
  }

  private sequence(elements: readonly AST.Element[]): void {
    const units: (AST.Element | { atomic: AST.CapturingGroup })[] = [];
    for (let i = 0; i < elements.length; i++) {
      const element = elements[i];
      if (!element) continue;
      const atomic = atomicGroup(element, elements[i + 1]);
      units.push(atomic ? { atomic } : element);
      if (atomic) i++;
    }
    for (const unit of this.backward ? units.reverse() : units) {
      if ('atomic' in unit) {
        // Matching backwards, JavaScript would reach the reference before the group that it refers to.
        if (this.backward) throw new Error('an atomic group in a look behind is not applied');
        this.part(Op.atomic, unit.atomic.alternatives, false);
      } else this.element(unit);
    }
  }

  private element(node: AST.Element): void {
    // An empty repeated group writes no instruction, so the limit on instructions does not stop it; this limit on visits does.
    if (++this.visits > 10 * maxInstructions) throw new Error('its repetitions are too many');
    if (++this.nesting > maxNesting) throw new Error(`its groups are nested more than ${maxNesting} deep`);
    switch (node.type) {
      case 'Character':
        this.emit(this.backward ? Op.charBack : Op.char, node.value);
        break;
      case 'CharacterSet':
      case 'CharacterClass':
      case 'ExpressionCharacterClass':
        this.emit(this.backward ? Op.setBack : Op.set, this.set(node));
        break;
      case 'Group':
        if (node.modifiers) throw new Error(`group option ${node.raw.slice(0, 12)} is not applied`);
        this.alternatives(node.alternatives);
        break;
      case 'CapturingGroup':
        this.alternatives(node.alternatives);
        break;
      case 'Quantifier':
        this.repeat(node);
        break;
      case 'Assertion':
        this.assertion(node);
        break;
      case 'Backreference':
        throw new Error('it refers back to a group (\\1, \\k), which no engine can match in bounded time');
      default:
        throw new Error(`${(node as AST.Element).raw.slice(0, 20)} is not applied`);
    }
    this.nesting--;
  }

  private repeat({ element, min, max, greedy }: AST.Quantifier): void {
    const single = this.single(element);
    if (min > maxInstructions) throw new Error(`the count ${min} of a repetition is over ${maxInstructions}`);
    for (let i = 0; i < min; i++) this.element(element);
    if (max === min) return;
    const unbounded = max === Number.POSITIVE_INFINITY;
    if (unbounded && greedy && single !== null && !this.backward) {
      this.emit(Op.run, single);
      return;
    }
    if (!unbounded && max - min > maxInstructions) throw new Error(`the count ${max} of a repetition is over ${maxInstructions}`);
    const empty = nullable(element);
    const exits: number[] = [];
    for (let i = 0; i < (unbounded ? 1 : max - min); i++) {
      const split = this.emit(Op.split);
      this[greedy ? 'a' : 'b'][split] = this.ops.length;
      exits.push(split);
      if (empty) this.depth++;
      this.element(element);
      if (empty) {
        this.emit(Op.check, this.depth - 1);
        this.depth--;
      }
      if (unbounded) this.emit(Op.jump, split);
    }
    for (const split of exits) this[greedy ? 'b' : 'a'][split] = this.ops.length;
  }

  private assertion(node: AST.Assertion): void {
    switch (node.kind) {
      case 'start':
      case 'end':
        this.emit(Op.edge, node.kind === 'end' ? 1 : 0);
        return;
      case 'word':
        throw new Error('a word boundary of JavaScript is not applied');
      default: {
        const behind = node.kind === 'lookbehind';
        const only = node.alternatives.length === 1 ? node.alternatives[0]?.elements : undefined;
        const single = only?.length === 1 && only[0] ? this.single(only[0]) : null;
        if (single !== null) {
          this.emit(Op.beside, single, (behind ? 1 : 0) + (node.negate ? 2 : 0));
          return;
        }
        if (behind) this.looksBehind = true;
        const at = this.part(Op.look, node.alternatives, behind);
        this.b[at] = node.negate ? 1 : 0;
      }
    }
  }

  private part(op: number, alternatives: readonly AST.Alternative[], backward: boolean): number {
    const at = this.emit(op);
    this.parts.push({ at, alternatives, backward });
    return at;
  }

  /** The set of an element that reads exactly one code point, or null. */
  private single(node: AST.Element): number | null {
    if (node.type === 'Character' || node.type === 'CharacterSet' || node.type === 'CharacterClass') return this.set(node);
    return node.type === 'ExpressionCharacterClass' ? this.set(node) : null;
  }

  private set(node: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.ExpressionCharacterClass): number {
    const { raw } = node;
    const known = this.setOf.get(raw);
    if (known !== undefined) return known;
    if (/\\q|RGI_|Emoji_Keycap|Basic_Emoji/.test(raw)) throw new Error(`the class ${raw.slice(0, 40)} has members of several characters`);
    if (node.type !== 'Character' && this.sets.length >= maxSets) throw new Error(`it has more than ${maxSets} different classes`);
    this.sets.push(node.type === 'Character' ? CharSet.fromChar(String.fromCodePoint(node.value)) : CharSet.fromClass(raw));
    this.setOf.set(raw, this.sets.length - 1);
    return this.sets.length - 1;
  }

  /** Marks the runs behind which nothing can fail: the longest run is always right, so shorter ones need not be tried. */
  private settleRuns(): void {
    const sure = new Uint8Array(this.ops.length);
    // From the end, so that targets of forward jumps are known. A jump back (an iteration) is treated as able to fail.
    for (let at = this.ops.length - 1; at >= 0; at--) {
      const [op, a, b] = [this.ops[at], this.a[at] ?? 0, this.b[at] ?? 0];
      const next = sure[at + 1] ?? 0;
      if (op === Op.run && next) this.b[at] = 1;
      if (op === Op.match || (op === Op.run && next)) sure[at] = 1;
      else if (op === Op.jump) sure[at] = a > at ? (sure[a] ?? 0) : 0;
      else if (op === Op.split) sure[at] = (a > at && sure[a]) || (b > at && sure[b]) ? 1 : 0;
    }
  }

  /** Assigns memory slots to the instructions that several paths lead to or from. Those between are on one path only, so they need no memory. */
  private slots(): { slot: Int32Array; slots: number } {
    const slot = new Int32Array(this.ops.length).fill(-1);
    const ways = new Uint8Array(this.ops.length);
    this.ops.forEach((op, at) => {
      const [a, b] = [this.a[at] ?? 0, this.b[at] ?? 0];
      const targets = op === Op.jump ? [a] : op === Op.split ? [a, b] : op === Op.look || op === Op.atomic ? [a, a, at + 1] : [at + 1];
      if (op !== Op.match) for (const target of targets) ways[target] = Math.min(2, (ways[target] ?? 0) + 1);
    });
    let slots = 0;
    this.ops.forEach((op, at) => {
      if (op !== Op.split && op !== Op.run && (ways[at] ?? 0) < 2) return;
      slot[at] = slots;
      slots += (this.depths[at] ?? 0) + 1;
    });
    return { slot, slots };
  }

  private first(): CharSet | null {
    const seen = new Uint8Array(this.ops.length);
    const sets = new Set<number>();
    const chars = new Set<string>();
    const waiting = [0];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (seen[at]) continue;
      seen[at] = 1;
      const [op, a, b] = [this.ops[at], this.a[at] ?? 0, this.b[at] ?? 0];
      if (op === Op.match || op === Op.atomic) return null;
      if (op === Op.char) chars.add(String.fromCodePoint(a));
      else if (op === Op.set) sets.add(a);
      else if (op === Op.jump) waiting.push(a);
      else if (op === Op.split) waiting.push(a, b);
      else {
        if (op === Op.run) sets.add(a);
        waiting.push(at + 1);
      }
    }
    const members = [...sets].flatMap(set => this.sets[set] ?? []);
    if (chars.size > 0) members.push(new CharSet(char => chars.has(char)));
    return members.length === 1 ? (members[0] ?? null) : CharSet.union(members);
  }
}

/** `(?=(X))\1`, which is how an atomic group is written in JavaScript: its X, if nothing else refers to that group. */
function atomicGroup(node: AST.Element, next: AST.Element | undefined): AST.CapturingGroup | null {
  if (node.type !== 'Assertion' || node.kind !== 'lookahead' || node.negate || node.alternatives.length !== 1) return null;
  const elements = node.alternatives[0]?.elements ?? [];
  const group = elements[0];
  if (elements.length !== 1 || group?.type !== 'CapturingGroup' || next?.type !== 'Backreference') return null;
  return group.references.length === 1 && group.references[0] === next ? group : null;
}

/** The element can match without reading. Atomic groups count as what their look and their reference are: they can. */
function nullable(node: Node): boolean {
  switch (node.type) {
    case 'Alternative':
      return node.elements.every(nullable);
    case 'Group':
    case 'CapturingGroup':
      return node.alternatives.some(nullable);
    case 'Quantifier':
      return node.min === 0 || nullable(node.element);
    case 'Assertion':
    case 'Backreference':
      return true;
    default:
      return false;
  }
}
