/** Where things lie in a Storage. One folder a model; what is no part of a whole model lies elsewhere. */

/** Whole, verified models: `models/<key>/<path>` and the manifest. */
export const modelsFolder = 'models';
/** Originals on their way, and the download's own journal. */
export const downloadsFolder = 'downloads';
/** What a pull that is not done yet has done: `pulls/<key>.json`. */
export const pullsFolder = 'pulls';

export const manifestFile = 'manifest.json';

export const modelFolder = (key: string): string => `${modelsFolder}/${key}`;
export const modelFile = (key: string, path: string): string => `${modelsFolder}/${key}/${path}`;
export const manifestPath = (key: string): string => modelFile(key, manifestFile);
export const downloadFolder = (key: string): string => `${downloadsFolder}/${key}`;
export const pullPath = (key: string): string => `${pullsFolder}/${key}.json`;
/** A record of a pull that could not be believed, kept for whoever wants to look at it. */
export const asidePath = (key: string): string => `${pullsFolder}/${key}.set-aside`;
/** Marks an entry in which a check found bytes that could not be mended. */
export const damagePath = (key: string): string => `${pullsFolder}/${key}.damaged.json`;
/** Lock of everything that writes into an entry. */
export const lockName = (key: string): string => `model ${key}`;
