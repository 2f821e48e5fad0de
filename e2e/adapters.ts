/** The GPU adapters that the tests run on. On Linux two software drivers, which differ in features; elsewhere the machine's own. */
import { existsSync, readdirSync } from 'node:fs';

export interface TestAdapter {
  name: 'lavapipe' | 'swiftshader' | 'native';
  /** Vulkan driver manifest for VK_ICD_FILENAMES; undefined: the machine's default. */
  icd?: string;
}

const icdFolders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];
/** SwiftShader comes with Chromium. */
const swiftshader = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
];

/** Mesa's CPU driver; its manifest is named after the architecture on some distributions. */
export function lavapipeIcd(): string | undefined {
  for (const folder of icdFolders) {
    const file = existsSync(folder) && readdirSync(folder).find(name => /^lvp_icd.*\.json$/.test(name));
    if (file) return `${folder}/${file}`;
  }
  return undefined;
}

export function swiftshaderIcd(): string | undefined {
  return swiftshader.find(existsSync);
}

/** On Linux a missing driver stays in the list without a manifest, so that its tests fail and are not silently left out. */
export function testAdapters(): TestAdapter[] {
  if (process.platform !== 'linux') return [{ name: 'native' }];
  return [
    { name: 'lavapipe', icd: lavapipeIcd() ?? 'lavapipe-is-not-installed' },
    { name: 'swiftshader', icd: swiftshaderIcd() ?? 'swiftshader-is-not-installed' },
  ];
}
