import { useCallback, useEffect, useState } from 'react';
import { measureStored, type Stored } from './stored.ts';

/** What is kept, measured when the panel opens and when `again` is called; null until the first answer. */
export function useStored(): { stored: Stored[] | null; again: () => Promise<void> } {
  const [stored, setStored] = useState<Stored[] | null>(null);
  const again = useCallback(async () => setStored(await measureStored()), []);
  useEffect(() => {
    let isHere = true;
    void measureStored().then(measured => isHere && setStored(measured));
    return () => {
      isHere = false;
    };
  }, []);
  return { stored, again };
}
