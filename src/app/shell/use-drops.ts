import { useEffect } from 'react';
import { isModel, whatIs } from '../lib/dropped.ts';
import { transferredFiles } from '../lib/folders.ts';
import { patch } from '../store/store.ts';
import { goTo, routeOf } from './route.ts';

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;

/**
 * Takes files that are dropped anywhere on the page. A browser would leave the page to show them, and the user's text would be lost.
 * Files of a model go to the view of models, the view of search takes all others, texts are offered to the view that is open, and for other files the page says where they belong.
 */
export function useDrops(): void {
  useEffect(() => {
    const onDragOver = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const onDrop = (event: DragEvent) => {
      // A drop zone on the page has taken them already.
      if (!hasFiles(event) || event.defaultPrevented || !event.dataTransfer) return;
      event.preventDefault();
      void transferredFiles(event.dataTransfer).then(async files => {
        if (routeOf(location.hash) === 'search' && !isModel(files)) return (await import('../search/documents.ts')).addFiles(files);
        const dropped = await whatIs(files);
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
