/** Finds this package's folder, and with it its version and the embedded model, in a checkout, a build or an installation. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface PackageRoot {
  folder: string;
  version: string;
}

let found: PackageRoot | undefined;

/** The nearest folder above this file with affinage's own package.json. */
export function packageRoot(): PackageRoot {
  found ??= find(dirname(fileURLToPath(import.meta.url)));
  return found;
}

function find(start: string): PackageRoot {
  for (let folder = start; ; folder = dirname(folder)) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (
        typeof manifest === 'object' &&
        manifest !== null &&
        'name' in manifest &&
        manifest.name === 'affinage' &&
        'version' in manifest
      ) {
        return { folder, version: String(manifest.version) };
      }
    } catch {
      // No package.json here, or not JSON: look further up.
    }
    if (folder === dirname(folder)) throw new Error(`affinage's package.json is not above ${start}: the installation is incomplete.`);
  }
}
