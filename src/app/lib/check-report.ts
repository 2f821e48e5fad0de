/** The report of a check of the device as text, to paste into a message. In English whatever the page speaks: developers read it. */
import type { CaseFailure, CheckError, DeviceCheck, KernelCheck, ModelCheck, VariantCheck } from '../../verify/types.ts';

export function checkReport(check: DeviceCheck): string {
  const { adapter } = check;
  const cases = check.kernels.reduce((sum, kernel) => sum + kernel.cases, 0);
  return [
    `affinage ${check.version}, ${check.form} check: ${check.passed ? 'PASSED' : 'FAILED'}`,
    `${new Date(check.at).toISOString()}, ${cases} cases in ${(check.durationMs / 1000).toFixed(1)} s`,
    `platform: ${check.platform}`,
    adapter
      ? `adapter: ${[adapter.vendor, adapter.architecture, adapter.description].filter(Boolean).join(', ') || 'unnamed'}${adapter.software ? ' (software)' : ''}`
      : 'adapter: none',
    ...(adapter ? [`features: ${featuresOf(adapter)}`] : []),
    ...(check.without.length > 0 ? [`left out on purpose: ${check.without.join(', ')}`] : []),
    '',
    ...check.kernels.flatMap(kernelLines),
    ...check.models.flatMap(modelLines),
    ...check.failures.map(({ part, error }) => `STOPPED ${part}: ${error.name}: ${error.message}`),
    '',
  ].join('\n');
}

function featuresOf({ features, subgroupSize }: NonNullable<DeviceCheck['adapter']>): string {
  const names = [features.shaderF16 && 'shader-f16', features.subgroups && 'subgroups', features.timestampQuery && 'timestamp-query'];
  const size = subgroupSize ? ` (subgroup size ${subgroupSize.min} to ${subgroupSize.max})` : '';
  return (names.filter(Boolean).join(', ') || 'none') + size;
}

const numberOf = (value: number | null): string => (value === null ? 'not finite' : value.toExponential(1));

/** `nmse 1.2e-9 of 1e-7, max |a-b| 3.0e-5`. */
export function errorText({ nmse, maxAbs, bound }: CheckError): string {
  return `nmse ${numberOf(nmse)} of ${bound.toExponential(0)}, max |a-b| ${numberOf(maxAbs)}`;
}

function kernelLines(kernel: KernelCheck): string[] {
  const worst = kernel.worst ? `, ${errorText(kernel.worst)} (${kernel.worst.case})` : '';
  return [`${kernel.passed ? 'ok  ' : 'FAIL'} ${kernel.kernel}: ${kernel.cases} cases${worst}`, ...kernel.variants.flatMap(variantLines)];
}

function variantLines({ variant, storage, outcome, reason, failures, notes }: VariantCheck): string[] {
  if (outcome === 'passed' && notes.length === 0) return [];
  return [
    `     ${variant} ${storage}: ${outcome}${reason ? `: ${reason}` : ''}`,
    ...failures.map(failureLine),
    ...notes.map(note => `${failureLine(note)} (does not count)`),
  ];
}

const failureLine = ({ case: name, why }: CaseFailure): string => `       ${name}: ${why}`;

function modelLines(model: ModelCheck): string[] {
  return [
    `${model.passed ? 'ok  ' : 'FAIL'} model ${model.model} ${model.dtype}, storage ${model.storage}: ${model.sentences} sentences, ${model.masks} masks`,
    `     first choice ${model.top1}/${model.masks}, best five ${model.top5}/${model.masks}, agreement ${model.top5Agreement.toFixed(3)}, tokens ${model.tokensEqual ? 'equal' : 'DIFFER'}`,
    `     probabilities ${errorText(model.probabilities)}`,
    `     embeddings ${errorText(model.embeddings)}`,
    ...model.failures.map(failureLine),
  ];
}
