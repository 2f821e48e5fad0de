/** A library over a storage in memory and a local hub that has one small model: what the library's tests share. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { Library, type LibraryOptions } from '../library/library.ts';
import type { ModelSource } from '../source/source.ts';
import type { FixtureName } from './fixtures.ts';
import { HubServer } from './hub-server.ts';
import { MemoryStorage } from './memory-storage.ts';
import { modelFilesOf } from './model-files.ts';

export const id = 'almanach/tiny-bio';
export const chunkBytes = 65_536;

export interface LibraryPlace {
  files: Record<string, Uint8Array<ArrayBuffer>>;
  hub: HubServer;
  storage: MemoryStorage;
  library(options?: Partial<LibraryOptions>): Library;
}

/** Sets the place up for the tests of a file: the hub once, the storage and what the hub has anew for each test. */
export function libraryPlace(fixture: FixtureName): LibraryPlace {
  const place = {
    library: (options: Partial<LibraryOptions> = {}) =>
      new Library({
        storage: place.storage,
        hub: place.hub.url,
        version: '9.9.9',
        chunkBytes,
        http: { backoffMs: 1, attempts: 2, windowBytes: 16_384 },
        ...options,
      }),
  } as LibraryPlace;
  beforeAll(async () => {
    place.files = await modelFilesOf(fixture);
    place.hub = await HubServer.start();
  });
  afterAll(() => place.hub.close());
  beforeEach(() => {
    place.hub.clearFaults();
    place.hub.log.length = 0;
    place.hub.publish(id, place.files, { licence: 'apache-2.0', access: 'public' });
    place.storage = new MemoryStorage();
  });
  return place;
}

export async function bytesOf(source: Pick<ModelSource, 'open'>, path: string): Promise<Buffer> {
  const file = await source.open(path);
  return Buffer.from(await file.read(0, file.sizeBytes));
}
