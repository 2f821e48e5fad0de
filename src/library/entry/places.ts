/** Paths in a Storage. Each whole model has one folder; everything unfinished lies in other folders. */

/** Whole, verified models: `models/<key>/<path>` and the manifest. */
export const modelsFolder = 'models';
/** Original files while they are downloaded, and the download's own journal. */
export const downloadsFolder = 'downloads';
/** The state of an unfinished pull: `pulls/<key>.json`. */
export const pullsFolder = 'pulls';

export const manifestFile = 'manifest.json';

export const modelFolder = (key: string): string => `${modelsFolder}/${key}`;
export const modelFile = (key: string, path: string): string => `${modelsFolder}/${key}/${path}`;
export const manifestPath = (key: string): string => modelFile(key, manifestFile);
export const downloadFolder = (key: string): string => `${downloadsFolder}/${key}`;
export const pullPath = (key: string): string => `${pullsFolder}/${key}.json`;
/** A damaged record of a pull, kept so that it can be inspected. */
export const asidePath = (key: string): string => `${pullsFolder}/${key}.set-aside`;
/** Marks an entry in which a check found bytes that could not be repaired. */
export const damagePath = (key: string): string => `${pullsFolder}/${key}.damaged.json`;
/** The lock that is held by whatever writes into an entry. */
export const lockName = (key: string): string => `model ${key}`;
