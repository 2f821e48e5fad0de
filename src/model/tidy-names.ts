/**
 * What libraries store around and beside a model's parameters, by name: wrappers before the names, buffers that are computed
 * again, and the heads of other tasks. All of it is set aside, with a note, before a checkpoint is compared with its config.
 * A tensor that is in none of these lists stays and is then refused by name, as it could change the results.
 */
import { TensorError } from '../errors.ts';
import type { Notes } from '../notes.ts';
import type { TensorInfo } from '../weights/safetensors.ts';
import { listNames, quoteName } from '../weights/safetensors-header.ts';
import { ignorable, taskHeadNames, wrapperNames } from './parameters.ts';

export interface TidyNames {
  /** By the name without wrappers; `TensorInfo.name` is still the one in the file. */
  tensors: ReadonlyMap<string, TensorInfo>;
  /** Tensors of another task's head, in the file's order: they are in `tensors` too. */
  taskHead: readonly string[];
}

/** Names without wrappers, and without the buffers. `notes` takes what was set aside. Errors: TensorError where two tensors get one name. */
export function tidyNames(tensors: ReadonlyMap<string, TensorInfo>, notes: Notes): TidyNames {
  const tidy = new Map<string, TensorInfo>();
  const aside = new Map<string, string[]>();
  let wrapped: string | undefined;
  for (const [name, tensor] of tensors) {
    const bare = name.replace(wrapperNames, '');
    if (bare !== name) wrapped ??= name;
    const buffer = ignorable.find(({ pattern }) => pattern.test(bare));
    if (buffer) {
      aside.set(buffer.what, [...(aside.get(buffer.what) ?? []), name]);
      continue;
    }
    const twin = tidy.get(bare);
    if (twin) {
      throw new TensorError(
        `${quoteName(twin.name)} and ${quoteName(name)} are the same parameter of the model, stored twice. Save the model again, without the wrapper of torch.compile or DistributedDataParallel.`,
        { extra: [name] },
      );
    }
    tidy.set(bare, tensor);
  }
  if (wrapped !== undefined)
    notes.add(
      `The names of the tensors carry the wrapper of torch.compile or DistributedDataParallel (${quoteName(wrapped)}). It is left out.`,
    );
  for (const [what, names] of aside)
    notes.add(`The checkpoint holds ${listNames(names)}: ${what}. ${names.length > 1 ? 'They are' : 'It is'} not used.`);
  return { tensors: tidy, taskHead: [...tidy.keys()].filter(name => taskHeadNames.test(name)) };
}
