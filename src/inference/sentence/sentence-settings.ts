/** A JSON file of a sentence-transformers folder, whose keys are read with a check. */
import { ConfigError } from '../../errors.ts';
import type { DenseActivation } from '../../kernels/dense.ts';
import { type PoolMode, poolModes } from '../../kernels/pool-modes.ts';
import { type JsonObject, show } from '../../model/config-keys.ts';
import { parseJsonText } from '../../source/json-text.ts';

/** `torch.nn.modules.activation.Tanh` → `tanh`. Only classes that PyTorch makes without arguments. */
const activations: Readonly<Record<string, DenseActivation>> = {
  Identity: 'identity',
  Tanh: 'tanh',
  ReLU: 'relu',
  GELU: 'gelu',
  SiLU: 'silu',
  Sigmoid: 'sigmoid',
  LeakyReLU: 'leaky_relu',
};

/** The flags that sentence-transformers wrote before 6.0, in the order in which it puts the poolings side by side. */
const flags: readonly (readonly [key: string, pooling: PoolMode])[] = [
  ['pooling_mode_cls_token', 'cls'],
  ['pooling_mode_max_tokens', 'max'],
  ['pooling_mode_mean_tokens', 'mean'],
  ['pooling_mode_mean_sqrt_len_tokens', 'mean_sqrt_len_tokens'],
  ['pooling_mode_weightedmean_tokens', 'weightedmean'],
  ['pooling_mode_lasttoken', 'lasttoken'],
];

/** One JSON file of the folder, whose keys are read with a check. */
export class SettingsFile {
  private constructor(
    readonly path: string,
    readonly where: string,
    readonly json: JsonObject,
  ) {}

  static empty(where: string): SettingsFile {
    return new SettingsFile(where, where, {});
  }

  static parse(path: string, where: string, bytes: Uint8Array): SettingsFile {
    let json: unknown;
    try {
      json = parseJsonText(bytes);
    } catch (cause) {
      throw new ConfigError(`${where} is not valid JSON. Fetch it again.`, { where }, { cause });
    }
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw new ConfigError(`${where} must hold a JSON object, found ${show(json)}.`, { where });
    return new SettingsFile(path, where, json as JsonObject);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.json, key);
  }

  /** Undefined where it is absent or null. */
  get(key: string): unknown {
    return this.has(key) ? (this.json[key] ?? undefined) : undefined;
  }

  wrong(key: string, accepted: string): ConfigError {
    return new ConfigError(`${this.where}: "${key}" is ${show(this.get(key))}; ${accepted}.`, { where: this.where, key });
  }

  text(key: string): string | null {
    const value = this.get(key);
    if (value === undefined) return null;
    if (typeof value === 'string') return value;
    throw this.wrong(key, 'accepted: a string or null');
  }

  count(key: string): number | null {
    const value = this.get(key);
    if (value === undefined) return null;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
    throw this.wrong(key, 'accepted: a whole number from 1, or null');
  }

  /** A number, at most `bound`; null where there is none. */
  limit(key: string, bound: number): number | null {
    const value = this.get(key);
    // transformers writes 1e30 where there is no limit.
    return typeof value === 'number' && value >= 1 && value < 1e15 ? Math.min(Math.floor(value), bound) : null;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.get(key) ?? fallback;
    if (typeof value === 'boolean') return value;
    throw this.wrong(key, 'accepted: true or false');
  }

  /** `prompts`: a name → what is put before a text. */
  prompts(): Record<string, string> {
    const value = this.get('prompts') ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) throw this.wrong('prompts', 'accepted: an object of strings');
    const entries = Object.entries(value as JsonObject).map(([name, prompt]) => [name, prompt ?? ''] as const);
    if (entries.length > 1000 || entries.some(([, prompt]) => typeof prompt !== 'string'))
      throw this.wrong('prompts', 'accepted: an object of strings');
    return Object.fromEntries(entries) as Record<string, string>;
  }

  /** `pooling_mode` (a name or a list), else the flags; the mean where neither says anything. */
  poolings(): PoolMode[] {
    const value = this.get('pooling_mode');
    if (value === undefined) {
      const chosen = flags.filter(([key]) => this.flag(key, false)).map(([, pooling]) => pooling);
      return chosen.length > 0 ? chosen : ['mean'];
    }
    const names = Array.isArray(value) ? value : [value];
    const known = names.filter((name): name is PoolMode => poolModes.some(mode => mode === name));
    if (known.length === 0 || known.length !== names.length || known.length > poolModes.length)
      throw this.wrong('pooling_mode', `accepted: one or several of ${poolModes.join(', ')}`);
    return known;
  }

  /** Tanh where nothing is said, as in sentence-transformers; null for one that is not computed. */
  activation(): DenseActivation | null {
    if (!this.has('activation_function')) return 'tanh';
    const name = this.text('activation_function');
    if (name === null) return 'identity';
    const own = /^torch\.nn\.(modules\.\w+\.)?(\w+)$/.exec(name)?.[2] ?? '';
    return Object.hasOwn(activations, own) ? activations[own]! : null;
  }
}
