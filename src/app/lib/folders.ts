/** Files and folders that the user picks or drops, or wants to save into. */
import type { DirectoryDropItem, DropItem, FileDropItem } from 'react-aria-components';
import type { PickedFile } from '../../source/files.ts';

type FolderPicker = (options: { id: string; mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;

/** Not every browser has one, and TypeScript's DOM does not know it. */
const folderPicker = (): FolderPicker | null => {
  const picker: unknown = Reflect.get(window, 'showDirectoryPicker');
  return typeof picker === 'function' ? (picker.bind(window) as FolderPicker) : null;
};

/**
 * A folder of its own named `name` inside the folder that the user picks; null where the browser has no picker.
 * Errors: AbortError when the user closes it.
 */
export async function pickFolder(name: string): Promise<FileSystemDirectoryHandle | null> {
  const picker = folderPicker();
  if (!picker) return null;
  const folder = await picker({ id: 'affinage-export', mode: 'readwrite' });
  return folder.getDirectoryHandle(name, { create: true });
}

/** Lets the user pick a folder, and returns its files with their paths; none if the user closes the picker. */
export function pickFolderFiles(): Promise<PickedFile[]> {
  return new Promise(resolve => {
    // Not part of the page: only its picker is wanted.
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.webkitdirectory = true;
    input.addEventListener('change', () => resolve(pickedFiles(input.files ?? [])));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}

export const pickedFiles = (files: Iterable<File>): PickedFile[] =>
  [...files].map(file => ({ path: file.webkitRelativePath || file.name, blob: file }));

/** Files of what was dropped; folders with all in them. */
export async function droppedFiles(items: readonly DropItem[]): Promise<PickedFile[]> {
  const found = await Promise.all(items.map(item => (item.kind === 'text' ? [] : filesUnder(item, ''))));
  return found.flat();
}

async function filesUnder(item: FileDropItem | DirectoryDropItem, parent: string): Promise<PickedFile[]> {
  const path = `${parent}${item.name}`;
  if (item.kind === 'file') return [{ path, blob: await item.getFile() }];
  const files: PickedFile[] = [];
  for await (const entry of item.getEntries()) files.push(...(await filesUnder(entry, `${path}/`)));
  return files;
}

/** Files of a native drop; folders with all in them. Must be called in the event itself: afterwards the drop is empty. */
export async function transferredFiles(transfer: DataTransfer): Promise<PickedFile[]> {
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.() ?? null);
  const flat = [...transfer.files];
  if (!entries.some(entry => entry?.isDirectory)) return pickedFiles(flat);
  const found = await Promise.all(entries.map(entry => (entry ? filesBelow(entry) : [])));
  return found.flat();
}

async function filesBelow(entry: FileSystemEntry): Promise<PickedFile[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const blob = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path, blob }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: PickedFile[] = [];
  // A browser hands out a hundred at a time, then none.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return files;
    for (const each of some) files.push(...(await filesBelow(each)));
  }
}

/** Last part of a path. */
export const baseName = (path: string): string => path.replaceAll('\\', '/').split('/').at(-1) ?? path;
