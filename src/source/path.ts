import { ModelFileError } from '../errors.ts';

/**
 * Checks a file path inside a model: relative, with `/`, without `..`. Shard names come out of a downloaded
 * index, so a hostile one must not reach another folder or another host. Errors: ModelFileError.
 */
export function checkPath(path: string): string {
  const parts = path.split('/');
  const hostile = path === '' || /[\\:\0?#]/.test(path) || parts.some(part => part === '' || part === '.' || part === '..');
  if (hostile) {
    throw new ModelFileError(
      `The model names a file "${path.slice(0, 200)}", which is not a plain path inside its folder. Do not trust this model.`,
      {
        path: path.slice(0, 200),
      },
    );
  }
  return path;
}
