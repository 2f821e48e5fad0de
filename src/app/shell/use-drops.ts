import { useEffect } from 'react';
import { whatIs } from '../lib/dropped.ts';
import { transferredFiles } from '../lib/folders.ts';
import { patch } from '../store/store.ts';
import { goTo } from './route.ts';

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;

/**
 * Files dropped anywhere: a browser would leave the page and show them instead, and the reader's text would be gone. Those of a
 * model go to the chooser; texts are offered; the rest is told where it belongs.
 */
export function useDrops(): void {
  useEffect(() => {
    const onDragOver = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const onDrop = (event: DragEvent) => {
      // A drop zone that took them has said so.
      if (!hasFiles(event) || event.defaultPrevented || !event.dataTransfer) return;
      event.preventDefault();
      void transferredFiles(event.dataTransfer)
        .then(whatIs)
        .then(dropped => {
          if (dropped.kind !== 'model') return patch('ui', { dropped });
          patch('ui', { dropped: null, handed: dropped.files });
          goTo('models');
        });
    };
    addEventListener('dragover', onDragOver);
    addEventListener('drop', onDrop);
    return () => {
      removeEventListener('dragover', onDragOver);
      removeEventListener('drop', onDrop);
    };
  }, []);
}
