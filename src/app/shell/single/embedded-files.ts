/** The embedded model of the page in one file: base64 in blocks of data at the end of the document, put there by one-file.build.ts. */
import type { PickedFile } from '../../../source/files.ts';

let files: readonly PickedFile[] | null = null;

/** The model's files. The blocks are read once and then removed, as their text takes more memory than the bytes. */
export function embeddedFiles(): readonly PickedFile[] {
  files ??= [...document.querySelectorAll<HTMLScriptElement>('script[data-model-file]')].map(block => {
    const blob = new Blob([bytesOf(block.text)]);
    block.remove();
    return { path: block.dataset.modelFile ?? '', blob };
  });
  return files;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
