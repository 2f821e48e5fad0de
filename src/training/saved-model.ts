/**
 * A checkpoint as files. The model is a folder that transformers and our own loader read as it is; beside it lie the moments of the optimizer,
 * each as a model of the same shape, and where the run was.
 */
import { InputError } from '../errors.ts';
import type { WeightReader } from '../model/reader.ts';
import { inFolder } from '../source/modules.ts';
import type { ModelSource } from '../source/source.ts';
import { type SafetensorsFile, safetensorsFile } from '../weights/safetensors-writer.ts';
import type { Recipe } from './recipe.ts';
import type { RunState } from './run.ts';

export const stateFile = 'training.json';
export const momentFolders = { first: 'moments-1/', second: 'moments-2/' } as const;
const weightsFile = 'model.safetensors';
/** Copied from the model that the run began with. */
const tokenizerFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
];

export interface SavedState {
  recipe: Recipe;
  /** The data that was given, with its shares: a resumed run must have the same. */
  data: readonly string[];
  state: RunState;
}

/** One file of a checkpoint. */
export interface CheckpointFile extends SafetensorsFile {
  path: string;
}

/** Configuration and tokenizer of the model that the run began with, in memory: the checkpoint that it was read from may be gone later. */
export async function startFilesOf(start: ModelSource): Promise<CheckpointFile[]> {
  const config = JSON.parse(new TextDecoder().decode(await whole(start, 'config.json'))) as Record<string, unknown>;
  const changed = { ...config, architectures: ['ModernBertForMaskedLM'], torch_dtype: 'float32' };
  const files: CheckpointFile[] = [];
  for (const path of tokenizerFiles) if (await start.has(path)) files.push(bytesFile(path, await whole(start, path)));
  return [...files, textFile('config.json', `${JSON.stringify(changed, null, 2)}\n`)];
}

/** The weights as they are now. */
export function weightsFileOf(weights: WeightReader): CheckpointFile {
  return { path: weightsFile, ...weightsOf(weights) };
}

/** What a resumed run needs beside the model. */
export function runFilesOf(moments: Record<'first' | 'second', WeightReader>, saved: SavedState): CheckpointFile[] {
  return [
    { path: momentFolders.first + weightsFile, ...weightsOf(moments.first) },
    { path: momentFolders.second + weightsFile, ...weightsOf(moments.second) },
    textFile(stateFile, `${JSON.stringify(saved, null, 1)}\n`),
  ];
}

/** Where a run was. Errors: InputError for a folder that is no checkpoint. */
export async function readState(source: ModelSource): Promise<SavedState> {
  try {
    const saved = JSON.parse(new TextDecoder().decode(await whole(source, stateFile))) as SavedState;
    if (saved.state?.version !== 1 || !saved.recipe) throw new Error('it is of another version');
    return saved;
  } catch (error) {
    throw new InputError(`${source.name} is no checkpoint: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** The moments of a checkpoint, as a source of weights. */
export function momentsIn(source: ModelSource, which: 'first' | 'second'): ModelSource {
  return inFolder(source, momentFolders[which]);
}

function weightsOf(reader: WeightReader): SafetensorsFile {
  return safetensorsFile(
    [...reader.slots].map(slot => {
      const { name, parameter } = reader.describe(slot);
      const read = async (first: number, count: number) => {
        if (!reader.isMatrix(slot)) return (await reader.vector(slot)).subarray(first, first + count);
        const block = await reader.matrix(slot).rows(first, count);
        return (block as { values: Float32Array<ArrayBuffer> }).values; // what lies on the GPU is read as f32
      };
      return { name, shape: parameter.shape, read };
    }),
  );
}

function textFile(path: string, text: string): CheckpointFile {
  return bytesFile(path, new TextEncoder().encode(text));
}

function bytesFile(path: string, bytes: Uint8Array<ArrayBuffer>): CheckpointFile {
  return { path, sizeBytes: bytes.length, writeTo: write => write(0, bytes) };
}

async function whole(source: ModelSource, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = await source.open(path);
  return file.read(0, file.sizeBytes);
}
