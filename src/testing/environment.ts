/** An environment for engine tests: Dawn on the adapter under test, choices remembered in memory, the device in reach. */
import type { Environment } from '../inference/environment.ts';
import { politely } from '../node/polite-wait.ts';
import type { ModelSource } from '../source/source.ts';
import { fixtureSource, memorySource } from './fixtures.ts';
import { dawn } from './gpu.ts';
import { sharedDevice } from './shared-device.ts';
import { smallTokenizer } from './small-tokenizer.ts';

const compilesSlowly = process.env.AFFINAGE_ADAPTER === 'swiftshader';

export interface TestEnvironment extends Environment {
  /** Every device opened so far, the newest last. */
  devices: GPUDevice[];
  remembered: Map<string, string>;
}

export function testEnvironment(): TestEnvironment {
  const devices: GPUDevice[] = [];
  const remembered = new Map<string, string>();
  return {
    devices,
    remembered,
    async gpu() {
      const real = await dawn();
      const requestAdapter = async (options?: GPURequestAdapterOptions) => {
        const adapter = await real.requestAdapter(options);
        if (!adapter) return null;
        return new Proxy(adapter, {
          get(target, key) {
            if (key !== 'requestDevice') return Reflect.get(target, key, target) as unknown;
            return async (descriptor?: GPUDeviceDescriptor) => {
              const device = await (compilesSlowly ? sharedDevice(target, descriptor) : target.requestDevice(descriptor));
              devices.push(device);
              return device;
            };
          },
        });
      };
      return { requestAdapter } as GPU;
    },
    whileWaiting: politely,
    openSource: name => {
      throw new Error(`no source named ${name} in tests`);
    },
    tuning: {
      get: async key => remembered.get(key) ?? null,
      set: async (key, value) => {
        remembered.set(key, value);
      },
    },
    version: 'test',
  };
}

/** A random model of the oracle with a tokenizer beside it; `changed` replaces or (null) hides files. */
export function fixtureWithTokenizer(name: string, changed: Record<string, unknown> = {}): ModelSource {
  const fixture = fixtureSource(name);
  const own = { 'tokenizer.json': smallTokenizer(), 'tokenizer_config.json': { mask_token: '[MASK]' } };
  const files: Record<string, unknown> = { ...own, ...changed };
  return memorySource(name, async path => {
    if (path in files) {
      const content = files[path];
      if (content === null) return undefined;
      return content instanceof Uint8Array ? content : new TextEncoder().encode(JSON.stringify(content));
    }
    if (!(await fixture.has(path))) return undefined;
    const file = await fixture.open(path);
    return file.read(0, file.sizeBytes);
  });
}
