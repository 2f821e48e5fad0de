/**
 * The parts of config.json that differ between the dialects of transformers (kinds of layers, RoPE) and the list of keys
 * that would change the mathematics if this engine honoured them. `config.ts` is the entry.
 */
import { ConfigError } from '../errors.ts';
import type { Notes } from '../notes.ts';

/** Every token sees all others, or those within the window. */
export type LayerKind = 'global' | 'local';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A value for an error message: short, whatever the file holds. */
export function show(value: unknown): string {
  if (value === undefined) return 'absent';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value)
    ? `a list of ${value.length}`
    : `an object with the keys ${show(
        Object.keys(value as object)
          .slice(0, 6)
          .join(', '),
      )}`;
}

const own = (object: JsonObject, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The kind of every layer. `layer_types` (5.x) wins over `global_attn_every_n_layers` (≤ 4.x) as in transformers 5;
 * files of that version may still carry both.
 */
export function layerKindsOf(config: JsonObject, layers: number, where: string): LayerKind[] {
  const types = own(config, 'layer_types');
  if (types !== undefined && types !== null) {
    if (!Array.isArray(types) || types.length !== layers) {
      throw new ConfigError(
        `${where}: "layer_types" is ${show(types)}; accepted: a list with one entry for each of the ${layers} layers.`,
        {
          where,
          key: 'layer_types',
        },
      );
    }
    return types.map((type, layer) => {
      if (type === 'sliding_attention') return 'local';
      // `attention` is the name that transformers 5 itself maps to full_attention.
      if (type === 'full_attention' || type === 'attention') return 'global';
      throw new ConfigError(`${where}: "layer_types" entry ${layer} is ${show(type)}; accepted: "full_attention" or "sliding_attention".`, {
        where,
        key: 'layer_types',
      });
    });
  }
  const found = own(config, 'global_attn_every_n_layers');
  const every = found === undefined ? 3 : found;
  if (typeof every !== 'number' || !Number.isSafeInteger(every) || every < 1) {
    throw new ConfigError(`${where}: "global_attn_every_n_layers" is ${show(every)}; accepted: a whole number from 1.`, {
      where,
      key: 'global_attn_every_n_layers',
    });
  }
  return Array.from({ length: layers }, (_, layer) => (layer % every === 0 ? 'global' : 'local'));
}

/**
 * The smallest base of RoPE. Below 1 the angles grow with the pair, up to position / theta. Positions are under 2^20 (config.ts), so with
 * 1e-30 the angles are finite in f32. With a much smaller base they would be infinite, and their cosines NaN.
 */
const leastTheta = 1e-30;

/**
 * Bases of the rotary angles. `rope_parameters` (5.x) wins over `global_rope_theta` / `local_rope_theta` (≤ 4.x) as in
 * transformers 5. Any RoPE type but `default` (linear, dynamic, yarn …) is refused.
 */
export function ropeThetaOf(config: JsonObject, where: string): { global: number; local: number } {
  const theta = (key: string, value: unknown): number => {
    if (typeof value === 'number' && value >= leastTheta && value <= 1e15) return value;
    throw new ConfigError(`${where}: "${key}" is ${show(value)}; accepted: a number from ${leastTheta} to 1e15.`, { where, key });
  };
  const parameters = own(config, 'rope_parameters');
  if (parameters !== undefined && parameters !== null && !isObject(parameters)) {
    throw new ConfigError(`${where}: "rope_parameters" is ${show(parameters)}; accepted: an object for each kind of layer.`, {
      where,
      key: 'rope_parameters',
    });
  }
  for (const key of Object.keys(parameters ?? {})) {
    if (key === 'full_attention' || key === 'sliding_attention') continue;
    throw new ConfigError(`${where}: "rope_parameters" holds ${show(key)}; accepted keys: "full_attention", "sliding_attention".`, {
      where,
      key: `rope_parameters.${key}`.slice(0, 80),
    });
  }
  const nested = (kind: 'full_attention' | 'sliding_attention'): unknown => {
    const entry = parameters ? own(parameters as JsonObject, kind) : undefined;
    if (entry === undefined || entry === null) return undefined;
    refuseScaling(entry, `rope_parameters.${kind}`, where);
    return own(entry as JsonObject, 'rope_theta');
  };
  refuseScaling(own(config, 'rope_scaling'), 'rope_scaling', where);

  const newGlobal = nested('full_attention');
  const oldGlobal = own(config, 'global_rope_theta');
  const global =
    newGlobal !== undefined
      ? theta('rope_parameters.full_attention.rope_theta', newGlobal)
      : theta('global_rope_theta', oldGlobal === undefined ? 160_000 : oldGlobal);
  const newLocal = nested('sliding_attention');
  const oldLocal = own(config, 'local_rope_theta');
  if (newLocal !== undefined) return { global, local: theta('rope_parameters.sliding_attention.rope_theta', newLocal) };
  // A null local base means "as global" in transformers ≤ 4.x; absent means 10 000 in both.
  return { global, local: oldLocal === null ? global : theta('local_rope_theta', oldLocal === undefined ? 10_000 : oldLocal) };
}

function refuseScaling(value: unknown, key: string, where: string): void {
  if (value === undefined || value === null) return;
  const fail = (name: string, found: unknown, accepted: string): ConfigError =>
    new ConfigError(`${where}: "${name}" is ${show(found)}; ${accepted}.`, { where, key: name });
  if (!isObject(value)) throw fail(key, value, 'accepted: null or an object');
  for (const [name, entry] of Object.entries(value)) {
    const full = `${key}.${name.slice(0, 60)}`;
    if (name === 'rope_theta' && key !== 'rope_scaling') continue;
    if ((name === 'rope_type' || name === 'type') && entry === 'default') continue;
    if (name === 'partial_rotary_factor' && (entry === 1 || entry === null)) continue;
    throw fail(full, entry, 'only RoPE of type "default" is computed, without scaling');
  }
}

interface Derived {
  heads: number;
  headDim: number;
  halfWindow: number;
  globalTheta: number;
}

/**
 * Keys that stand for other computations. Each is accepted with the value that changes nothing; any other value is refused by name.
 *
 * Why a list of these and not a list of the harmless ones: config.json grows with every release of transformers and with
 * every tool that adds its own notes (`_name_or_path`, `id2label`, `reference_compile`, `position_embedding_type`, token
 * ids, dropouts, initialisers, `dtype` …). Refusing each new one would refuse good models, while only a few keys can
 * change a ModernBERT's numbers. transformers' ModernBERT ignores most of those too, or reads them differently from one version
 * to the next. A file that sets them was made by a fork or describes another model, so the answers would not be those that were meant.
 */
export function refuseForeignMath(config: JsonObject, derived: Derived, where: string): void {
  const neutral: Readonly<Record<string, readonly unknown[]>> = {
    // Written by hand or by forks; must agree with what the model derives.
    head_dim: [derived.headDim],
    sliding_window: [derived.halfWindow],
    num_key_value_heads: [derived.heads],
    rope_theta: [derived.globalTheta],
    partial_rotary_factor: [1],
    // Another direction of attention.
    is_decoder: [false],
    is_causal: [false],
    use_causal_mask: [false],
    causal_mask: [false],
    use_bidirectional_attention: [true],
    add_cross_attention: [false],
    is_encoder_decoder: [false],
    // Scales, caps and norms of other architectures.
    attn_logit_softcapping: [],
    final_logit_softcapping: [],
    logit_scale: [1],
    logits_scaling: [1],
    embedding_multiplier: [1],
    residual_multiplier: [1],
    attention_multiplier: [],
    query_pre_attn_scalar: [derived.headDim],
    qk_norm: [false],
    use_qk_norm: [false],
    alibi: [false],
    // Weights with another meaning than their shapes say, or layers that differ from the rest.
    quantization_config: [],
    compression_config: [],
  };
  for (const [key, accepted] of Object.entries(neutral)) {
    const value = own(config, key);
    if (value === undefined || value === null || accepted.includes(value)) continue;
    const remedy = accepted.length > 0 ? `accepted: absent, null or ${show(accepted[0])}` : 'accepted: absent or null';
    throw new ConfigError(
      `${where}: "${key}" is ${show(value)}, which would change the results in a way this engine does not compute; ${remedy}.`,
      { where, key },
    );
  }
  for (const key of ['per_layer_config', 'pruned_heads']) {
    const value = own(config, key);
    if (value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)) continue;
    throw new ConfigError(
      `${where}: "${key}" is ${show(value)}; layers that differ beyond their kind of attention are not computed. Accepted: absent or empty.`,
      {
        where,
        key,
      },
    );
  }
}

/**
 * Notes which keys are absent that change the results and cannot be seen from the weights. If a file lost one, the model would be
 * computed with another number than its author's, and nothing else would show it. transformers writes all of these keys.
 */
export function noteDefaults(config: JsonObject, layerKinds: readonly LayerKind[], where: string, notes: Notes): void {
  const has = (key: string) => own(config, key) !== undefined;
  const rope = (kind: string) => {
    const all = own(config, 'rope_parameters');
    const entry = isObject(all) ? own(all, kind) : undefined;
    return isObject(entry) && own(entry, 'rope_theta') !== undefined;
  };
  const hasLocal = layerKinds.includes('local');
  const defaults: readonly (readonly [key: string, isThere: boolean, value: string])[] = [
    ['num_attention_heads', has('num_attention_heads'), '12'],
    ['layer_types', has('layer_types') || has('global_attn_every_n_layers'), 'every third layer looks at the whole text'],
    ['local_attention', has('local_attention') || !hasLocal, '128'],
    ['global_rope_theta', has('global_rope_theta') || rope('full_attention'), '160000'],
    ['local_rope_theta', has('local_rope_theta') || rope('sliding_attention') || !hasLocal, '10000'],
    ['norm_eps', has('norm_eps'), '1e-5'],
    ['hidden_activation', has('hidden_activation'), 'gelu'],
    ['classifier_activation', has('classifier_activation'), 'gelu'],
    ['max_position_embeddings', has('max_position_embeddings'), '8192'],
  ];
  const absent = defaults.filter(([, isThere]) => !isThere).map(([key, , value]) => `"${key}" (${value})`);
  if (absent.length === 0) return;
  notes.add(
    `${where} does not say ${absent.join(', ')}. The defaults of transformers are taken; if the model was trained with others, its answers are wrong.`,
  );
}
