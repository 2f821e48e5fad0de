/** Files in memory as the source of a model. */
import { ModelSourceError } from '../../src/errors.ts';
import type { ModelSource } from '../../src/source/source.ts';
import type { Files } from './target.ts';

export function sourceOf(files: Files, name = 'the folder'): ModelSource {
  return {
    name,
    has: async path => Object.hasOwn(files, path),
    async open(path) {
      const content = Object.hasOwn(files, path) ? files[path] : undefined;
      if (!content) throw new ModelSourceError(`${name} has no ${path}.`);
      return {
        path,
        sizeBytes: content.length,
        async read(start, end) {
          if (!(start >= 0 && start <= end && end <= content.length))
            throw new ModelSourceError(`${path} has no bytes ${start} to ${end}.`);
          return content.slice(start, end);
        },
      };
    },
  };
}
