/** What PyTorch computes for the embedded model (oracle/export_mini.py). */
import { readFileSync } from 'node:fs';

export interface ExpectedCase {
  text: string;
  /** For each mask the ten best tokens, best first. */
  masks: { tokens: string[]; probabilities: number[] }[];
}

export function expectedCases(): ExpectedCase[] {
  const text = readFileSync(new URL('../oracle/data/mini-expected.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: ExpectedCase[] }).cases;
}
