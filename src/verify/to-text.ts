/** A check as plain text, to copy into a report: no user text, no paths. */
import { withoutPaths } from './place.ts';
import type { CheckError, DeviceCheck, KernelCheck, ModelCheck, VariantCheck } from './types.ts';

/** The whole check, line by line; always in English, as it is meant for developers. */
export function toText(check: DeviceCheck): string {
  const { adapter } = check;
  const lines = [
    `affinage ${check.version}: check of this device, ${check.form} form: ${check.passed ? 'PASSED' : 'FAILED'}`,
    `date      ${new Date(check.at).toISOString()}, ${(check.durationMs / 1000).toFixed(1)} s`,
    `platform  ${check.platform}`,
  ];
  if (adapter) {
    const { features, subgroupSize } = adapter;
    const yes = (there: boolean) => (there ? 'yes' : 'no');
    const size = subgroupSize ? ` (${subgroupSize.min} to ${subgroupSize.max})` : '';
    lines.push(
      `adapter   ${adapter.description} (${[adapter.vendor, adapter.architecture].filter(Boolean).join(', ')})${adapter.software ? ', software' : ''}`,
      `features  shader-f16 ${yes(features.shaderF16)}, subgroups ${yes(features.subgroups)}${size}, timestamp-query ${yes(features.timestampQuery)}`,
      `limits    ${Object.entries(adapter.limits)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')}`,
    );
  }
  if (check.without.length > 0) lines.push(`left out  ${check.without.join(', ')}`);
  if (check.forced)
    lines.push(
      `variants  ${Object.entries(check.forced)
        .map(([kernel, variant]) => `${kernel} ${variant}`)
        .join(', ')} (asked for)`,
    );
  for (const { part, error } of check.failures) lines.push('', `FAILED ${part}: ${error.name}: ${error.message}`);
  for (const model of check.models) lines.push('', ...modelLines(model));
  if (check.kernels.length > 0) {
    lines.push('', 'Kernels: cases, largest error (NMSE) beside its bound, largest difference');
    for (const kernel of check.kernels) lines.push(...kernelLines(kernel));
  }
  return `${lines.map(line => withoutPaths(printable(line))).join('\n')}\n`;
}

function modelLines(model: ModelCheck): string[] {
  return [
    `Model ${model.model}, weights ${model.dtype}, activations ${model.storage}: ${model.passed ? 'passed' : 'FAILED'}`,
    `  ${model.sentences} sentences: tokens ${model.tokensEqual ? 'equal' : 'DIFFER'}; of ${model.masks} masks, first choice equal in ${model.top1}, best five in ${model.top5} (agreement ${(100 * model.top5Agreement).toFixed(1)} %)`,
    `  probabilities ${errorText(model.probabilities)}`,
    `  embeddings ${errorText(model.embeddings)}`,
    ...model.failures.map(failure => `  FAILED ${failure.case}: ${firstLine(failure.why)}`),
  ];
}

function kernelLines({ kernel, passed, cases, worst, variants }: KernelCheck): string[] {
  const ran = variants.some(({ outcome }) => outcome !== 'skipped');
  return [
    `${kernel}: ${passed ? (ran ? 'passed' : 'not run') : 'FAILED'}, ${cases} cases${worst ? `, ${errorText(worst)}` : ''}`,
    ...variants.map(variant => `  ${variant.variant} ${variant.storage}: ${variantText(variant)}`),
    ...variants.flatMap(variant => [
      ...variant.failures.map(failure => `  WRONG ${variant.variant} ${variant.storage}, ${failure.case}: ${failure.why.trim()}`),
      ...variant.notes.map(
        note => `  note: ${variant.variant} ${variant.storage}, ${note.case} (NaN or infinities): ${firstLine(note.why)}`,
      ),
    ]),
  ];
}

function variantText({ outcome, reason, cases, worst, failures }: VariantCheck): string {
  if (outcome === 'skipped') return `not run: ${reason}`;
  const told = `${cases} cases${worst ? `, ${errorText(worst)} (${worst.case})` : ''}`;
  if (outcome === 'avoided') return `avoided, ${failures.length} wrong of ${told}; ${reason}`;
  const refused = reason ? `; ${reason}` : '';
  return outcome === 'failed' ? `FAILED, ${failures.length} wrong of ${told}${refused}` : `passed, ${told}${refused}`;
}

function errorText({ nmse, maxAbs, bound }: CheckError): string {
  const number = (value: number | null) => (value === null ? 'not finite' : value === 0 ? '0' : value.toExponential(1));
  return `${number(nmse)} ≤ ${number(bound)}`.replace('≤', nmse !== null && nmse <= bound ? '≤' : '>').concat(`, ${number(maxAbs)}`);
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}

/** Replaces control characters, which messages of drivers may hold. */
function printable(text: string): string {
  return text.replace(/\n/g, '\n    ').replace(/(?!\n)\p{Cc}/gu, '\uFFFD');
}
