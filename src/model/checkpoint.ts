/**
 * Which tensor of a checkpoint is which parameter. From the checked config comes the full list of parameters with their shapes
 * (parameters.ts); a checkpoint must hold exactly these, with or without the `model.` prefix.
 */
import { ModelFileError, TensorError } from '../errors.ts';
import { Notes } from '../notes.ts';
import { nearest } from '../weights/edit-distance.ts';
import { groupSize, padded, type StoredFormat } from '../weights/formats.ts';
import type { Checkpoint, TensorInfo } from '../weights/safetensors.ts';
import { listNames, quoteName } from '../weights/safetensors-header.ts';
import { inOrder, listParameters, type Parameter, type ParameterConfig } from './parameters.ts';
import { tidyNames } from './tidy-names.ts';

/** The tensors of a slot in the checkpoint. */
export interface SlotPlace {
  spec: Parameter;
  /** The parameter's name as transformers would save it: that of the file, without a wrapper's part and without `.q8`, `.q4`. */
  name: string;
  stored: StoredFormat;
  /** The values, or the codes of a quantized matrix. */
  tensor: TensorInfo;
  /** f16 scales of a quantized matrix. */
  scale?: TensorInfo;
}

export interface WeightPlan {
  /** Every slot of the model by name. With tied embeddings there is no `decoder.weight`. */
  places: ReadonlyMap<string, SlotPlace>;
  /** The prediction head and decoder are there; without them the model can only embed. */
  hasHead: boolean;
  /** Without `hasHead`: the tensor that shows for which other task the checkpoint was fine-tuned, if there is one. */
  taskHead?: string;
  /** A `decoder.weight` that the file holds beside tied embeddings: it must equal them (`checkTied`). */
  tiedCopy?: SlotPlace;
}

const floatFormats: Readonly<Record<string, StoredFormat>> = { F32: 'f32', F16: 'f16', BF16: 'bf16' };

/**
 * Finds every parameter of the config in the checkpoint, with or without the `model.` prefix, as floats or as our
 * quantized pairs. `notes` takes what was set aside. Errors: TensorError for a missing, extra or misshapen tensor (all of
 * them named, with their nearest relatives), ModelFileError for a version of the quantized format that this engine does not read.
 */
export function planWeights(
  config: ParameterConfig,
  checkpoint: Pick<Checkpoint, 'tensors' | 'metadata'>,
  notes: Notes = new Notes(),
): WeightPlan {
  checkFormat(checkpoint);
  const { tensors, taskHead } = tidyNames(checkpoint.tensors, notes);
  refuseGenerator(tensors);
  const prefix = hasPrefix(tensors) ? 'model.' : '';
  const { hasHead, ignored } = chooseHead(config, tensors, taskHead, notes);
  const specs = listParameters(config);
  const tiedSpec: Parameter = {
    slot: 'decoder.weight',
    shape: [config.vocabSize, config.hiddenSize],
    part: 'head',
    role: 'decoder',
    order: inOrder(config.vocabSize),
  };

  const claimed = new Set<string>(ignored);
  const missing: { name: string; shape: readonly number[] }[] = [];
  const misshapen: string[] = [];
  const places = new Map<string, SlotPlace>();
  const find = (spec: Parameter, required: boolean): SlotPlace | undefined => {
    const name = spec.part === 'base' ? prefix + spec.slot : spec.slot;
    const place = locate(spec, name, tensors, claimed, misshapen);
    if (place === 'absent' && required) missing.push({ name, shape: spec.shape });
    return typeof place === 'object' ? place : undefined;
  };
  for (const spec of specs) {
    if (spec.part === 'head' && !hasHead) continue;
    const isZeroBias = spec.slot === 'decoder.bias' && !tensors.has(spec.slot);
    if (isZeroBias) notes.add('The checkpoint has no "decoder.bias", which config.json asks for. Zeros are taken, as transformers does.');
    const place = find(spec, !isZeroBias);
    if (place) places.set(spec.slot, place);
  }
  const tiedCopy = config.tieWordEmbeddings && hasHead ? find(tiedSpec, false) : undefined;

  const extra = [...tensors.keys()].filter(name => !claimed.has(name));
  if (missing.length + extra.length + misshapen.length > 0) {
    const expected = specs.map(spec => (spec.part === 'base' ? prefix + spec.slot : spec.slot));
    throw misfit(missing, extra, misshapen, expected, tensors);
  }
  return { places, hasHead, ...(!hasHead && taskHead[0] !== undefined && { taskHead: taskHead[0] }), tiedCopy };
}

/**
 * Whether the checkpoint has the head of masked prediction, and which tensors belong to no part that is computed.
 * Fine-tuned models of other tasks share `head.*` with the masked-language model but have no decoder: there it is left aside
 * with their own last layer, as AutoModel does, and the model embeds.
 */
function chooseHead(
  { architectures = [] }: ParameterConfig,
  tensors: ReadonlyMap<string, TensorInfo>,
  taskHead: readonly string[],
  notes: Notes,
): { hasHead: boolean; ignored: string[] } {
  const shared = [...tensors.keys()].filter(name => name.startsWith('head.'));
  const hasDecoder = [...tensors.keys()].some(name => name.startsWith('decoder.'));
  const isOtherTask = taskHead.length > 0 || (architectures.length > 0 && !architectures.some(name => name.endsWith('ForMaskedLM')));
  const hasHead = hasDecoder || (shared.length > 0 && !isOtherTask);
  const ignored = hasHead ? [...taskHead] : [...shared, ...taskHead];
  if (ignored.length > 0) {
    const names = listNames([...taskHead, ...(hasHead ? [] : shared)]);
    notes.add(
      hasHead
        ? `The checkpoint holds ${names}, the head of another task. It is left aside: masked prediction and embeddings do not use it.`
        : `The checkpoint holds ${names}: the head of a model fine-tuned for another task (classes, questions). It is left aside: the model embeds, and has no prediction head to fill masks.`,
    );
  }
  return { hasHead, ignored };
}

/** Whether the base model's names carry `model.`: ModernBertForMaskedLM saves them so, ModernBertModel does not. */
function hasPrefix(tensors: ReadonlyMap<string, TensorInfo>): boolean {
  if (tensors.has('model.embeddings.tok_embeddings.weight')) return true;
  if (tensors.has('embeddings.tok_embeddings.weight')) return false;
  for (const name of tensors.keys()) if (name.startsWith('model.')) return true;
  return false;
}

function checkFormat(checkpoint: Pick<Checkpoint, 'tensors' | 'metadata'>): void {
  const { metadata, tensors } = checkpoint;
  const accepted = { affinage_version: '1', group_size: String(groupSize) } as const;
  if (metadata.format === 'affinage') {
    for (const [key, value] of Object.entries(accepted)) {
      if (metadata[key] === value) continue;
      throw new ModelFileError(
        `The model file's ${key} is ${metadata[key] === undefined ? 'absent' : quoteName(metadata[key])}; this version reads ${key} "${value}". Update affinage or convert the model again.`,
        { key },
      );
    }
    return;
  }
  for (const name of tensors.keys()) {
    if (!name.endsWith('.q8') && !name.endsWith('.q4')) continue;
    throw new ModelFileError(
      `${quoteName(name)} is quantized, but the file's metadata does not say "format": "affinage". Convert the model again.`,
      { tensor: name.slice(0, 200) },
    );
  }
}

/** Refuses a model that generates text: each token sees only those before it, so the encoder here would compute other numbers. */
function refuseGenerator(tensors: ReadonlyMap<string, TensorInfo>): void {
  const other = tensors.get('lm_head.weight');
  if (!other) return;
  throw new TensorError(
    `The checkpoint holds ${quoteName(other.name)} [${other.shape.slice(0, 8).join(', ')}]: the head of a model that generates text. ` +
      'This engine computes masked prediction and embeddings: load a ModernBERT encoder.',
    { extra: [other.name] },
  );
}

/** Finds one parameter. Distinguishes absent from misshapen, so that each tensor is reported once. */
function locate(
  spec: Parameter,
  name: string,
  tensors: ReadonlyMap<string, TensorInfo>,
  claimed: Set<string>,
  misshapen: string[],
): SlotPlace | 'absent' | 'misshapen' {
  const check = (key: string, tensor: TensorInfo, shape: readonly number[], dtypes: readonly string[]): boolean => {
    claimed.add(key);
    const sameShape = tensor.shape.length === shape.length && shape.every((n, axis) => n === tensor.shape[axis]);
    if (sameShape && dtypes.includes(tensor.dtype)) return true;
    const want = sameShape ? `dtype ${dtypes.join(' or ')}` : `[${shape.join(', ')}]`;
    misshapen.push(`${quoteName(tensor.name)} is ${tensor.dtype} [${tensor.shape.slice(0, 8).join(', ')}], the config asks for ${want}`);
    return false;
  };
  const float = tensors.get(name);
  if (float) {
    if (!check(name, float, spec.shape, Object.keys(floatFormats))) return 'misshapen';
    return { spec, name, stored: floatFormats[float.dtype] as StoredFormat, tensor: float };
  }
  const [n, k] = spec.shape;
  if (k === undefined) return 'absent';
  const scale = tensors.get(`${name}.scale`);
  for (const stored of ['q8', 'q4'] as const) {
    const codes = tensors.get(`${name}.${stored}`);
    if (!codes) continue;
    const codesFit = check(`${name}.${stored}`, codes, [n, stored === 'q8' ? padded(k) : padded(k) / 2], [stored === 'q8' ? 'I8' : 'U8']);
    if (!scale) {
      misshapen.push(`${quoteName(codes.name)} has no ${quoteName(`${name}.scale`)} beside it`);
      return 'misshapen';
    }
    const scaleFits = check(`${name}.scale`, scale, [n, padded(k) / groupSize], ['F16']);
    return codesFit && scaleFits ? { spec, name, stored, tensor: codes, scale } : 'misshapen';
  }
  return 'absent';
}

function misfit(
  missing: readonly { name: string; shape: readonly number[] }[],
  extra: readonly string[],
  misshapen: readonly string[],
  expected: readonly string[],
  tensors: ReadonlyMap<string, TensorInfo>,
): TensorError {
  const shown = 4;
  const withShape = (name: string) => `${quoteName(name)} [${tensors.get(name)?.shape.slice(0, 8).join(', ') ?? ''}]`;
  const lines: string[] = [...misshapen.slice(0, shown)];
  for (const { name, shape } of missing.slice(0, shown)) {
    // A renamed tensor is among the extra ones. If there are none, similar names in the file show how its names are written.
    const near = nearest(name, extra.length > 0 ? extra : tensors.keys(), 3).map(withShape);
    lines.push(`${quoteName(name)} [${shape.join(', ')}] is missing${near.length > 0 ? `; nearest in the file: ${near.join(', ')}` : ''}`);
  }
  for (const name of extra.slice(0, shown)) {
    const near = nearest(name, expected, 2).map(quoteName);
    lines.push(`${withShape(name)} is not part of this config${near.length > 0 ? `; nearest that is: ${near.join(', ')}` : ''}`);
  }
  const total = missing.length + extra.length + misshapen.length;
  if (total > lines.length) lines.push(`and ${total - lines.length} more`);
  return new TensorError(
    `The checkpoint does not fit config.json (${missing.length} missing, ${extra.length} extra, ${misshapen.length} misshapen): ${lines.join('; ')}. Use the config.json and weights of one model.`,
    { missing: missing.slice(0, 50).map(entry => entry.name), extra: extra.slice(0, 50), misshapen: misshapen.slice(0, 50) },
  );
}
