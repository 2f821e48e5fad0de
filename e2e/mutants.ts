/** Mutants of a shader: each has one small fault of a kind that is typical of kernels. */

export interface Mutant {
  operator: string;
  /** Line of the composed text, counted from its end: a storage type may add `enable` lines before it. */
  fromEnd: number;
  before: string;
  after: string;
  /** The line before it, as barriers all look alike. */
  above: string;
}

interface Operator {
  name: string;
  /** Where it applies; each match is a mutant. */
  pattern: RegExp;
  by: string;
  /** Lines that it does not change: an endless loop would hang the machine and show nothing. */
  not?: RegExp;
}

const loopHeader = /\b(for|while|loop)\b/;

const operators: readonly Operator[] = [
  { name: 'barrier removed', pattern: /\b(workgroupBarrier|storageBarrier|subgroupBarrier)\(\);/g, by: '' },
  { name: '< to <=', pattern: / < /g, by: ' <= ' },
  { name: '<= to <', pattern: / <= /g, by: ' < ' },
  { name: 'loop one short', pattern: /\bfor \(([^;]*); (\w+) < /g, by: 'for ($1; $2 + 1 < ' },
  { name: 'one off', pattern: / [+-] 1(u|i)?\b/g, by: '' },
  { name: 'eps dropped', pattern: / \+ EPS\b/g, by: '' },
  { name: 'floor dropped', pattern: /\bmax\((.+), [\d.e-]+\)/g, by: '($1)' },
  { name: 'factor dropped', pattern: / \* [a-z]\w*(\.\w+)?(\[[^\]]*\])?/gi, by: '', not: loopHeader },
  { name: 'divisor dropped', pattern: / \/ [a-z]\w*(\([^)]*\))?/gi, by: '', not: loopHeader },
  { name: 'subtraction dropped', pattern: / - [a-z]\w*(\.\w+)?\b(?![[(])/gi, by: '', not: loopHeader },
  { name: 'plus to minus', pattern: / \+ /g, by: ' - ', not: loopHeader },
  { name: 'minus to plus', pattern: / - /g, by: ' + ', not: loopHeader },
  { name: 'sum to assignment', pattern: / \+= /g, by: ' = ', not: loopHeader },
  { name: 'max to min', pattern: /\bmax\(/g, by: 'min(', not: loopHeader },
  { name: 'min to max', pattern: /\bmin\(/g, by: 'max(', not: loopHeader },
  { name: 'and to or', pattern: / && /g, by: ' || ' },
  { name: '== to !=', pattern: / == /g, by: ' != ', not: /\bwhile\b/ },
];

/** Declarations, bindings and comments are not changed; sizes are set by the wrappers and tested with them. */
const skipped = /^\s*(\/\/|const |alias |enable |@group|var<workgroup>|struct |\}|$)/;

export function mutantsOf(code: string): Mutant[] {
  const lines = code.split('\n');
  return lines.flatMap((whole, at) => {
    const before = withoutComment(whole);
    if (skipped.test(before) || /^\s+\w+: \w+,$/.test(before)) return [];
    return operators
      .filter(({ not }) => !not?.test(before))
      .flatMap(({ name, pattern, by }) =>
        [...before.matchAll(pattern)].map(match => {
          const fault = match[0].replace(new RegExp(pattern.source, pattern.flags.replace('g', '')), by);
          const after = before.slice(0, match.index) + fault + before.slice(match.index + match[0].length);
          return { operator: name, fromEnd: lines.length - at, before, after, above: lines[at - 1] ?? '' };
        }),
      );
  });
}

/** A specialised kernel's text with the mutant's line in place; undefined where that line is not in it. */
export function applyMutant(code: string, { fromEnd, before, after }: Mutant): string | undefined {
  const lines = code.split('\n');
  const at = lines.length - fromEnd;
  if (withoutComment(lines[at] ?? '') !== before) return undefined;
  lines[at] = after;
  return lines.join('\n');
}

function withoutComment(line: string): string {
  return line.replace(/\s*\/\/.*$/, '');
}
