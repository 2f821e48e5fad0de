/** The adapter and its device: what this machine's GPU is, what it can do, and what happens when it goes away. */
import { DeviceLostError, GpuError, NoAdapterError, OutOfMemoryError } from '../errors.ts';
import { GpuMemory } from './memory.ts';
import { PipelineCache } from './pipeline.ts';
import { runSlotBytes, runSlots } from './run.ts';

export type OptionalFeature = 'shader-f16' | 'subgroups' | 'timestamp-query';

export interface DeviceProfile {
  vendor: string;
  architecture: string;
  description: string;
  /** Runs on the CPU: lavapipe, SwiftShader, WARP. Correct but slow; other kernel variants are fast there than on a GPU. */
  software: boolean;
  f16: boolean;
  subgroups: boolean;
  timestamps: boolean;
  /** Smallest and largest subgroup; null without the feature or where the adapter does not say. */
  subgroupSize: { min: number; max: number } | null;
  limits: Record<string, number>;
  /** Identifies the adapter and the features in use, for remembered choices. */
  key: string;
}

/**
 * A device with its pipelines and its memory account. Only the default limits of the WebGPU standard are requested. So what runs on one
 * adapter fits every adapter, and large tensors are split everywhere in the same way, not only on small devices.
 */
export class Gpu {
  readonly pipelines: PipelineCache;
  readonly memory: GpuMemory;
  /** The uniform buffer that every kernel reads its numbers from (gpu/run.ts): one for all, since submits follow one another. */
  readonly run: GPUBuffer;
  /** Set once the device is gone. */
  lostError: DeviceLostError | null = null;
  #uncaptured: GpuError | null = null;
  #onLost: ((error: DeviceLostError) => void)[] = [];

  constructor(
    readonly device: GPUDevice,
    readonly profile: DeviceProfile,
    /** Wraps every wait for the GPU; Node needs it (see Environment). */
    readonly whileWaiting: <T>(work: Promise<T>) => Promise<T> = work => work,
  ) {
    this.pipelines = new PipelineCache(device);
    this.memory = new GpuMemory(device);
    this.run = this.memory.uniform('run', runSlotBytes * runSlots);
    device.onuncapturederror = event => {
      this.#uncaptured ??= asGpuError(event.error);
    };
    void device.lost.then(info => {
      device.onuncapturederror = null; // see `destroy`
      const why = info.reason === 'destroyed' ? 'it was closed' : info.message || 'the driver gave no reason';
      this.lostError = new DeviceLostError(`The GPU device was lost: ${why}. Call again: the model reloads automatically.`, {
        reason: info.reason,
      });
      for (const listener of this.#onLost.splice(0)) listener(this.lostError);
    });
  }

  /** Rejects as soon as the device is lost: race a wait against it so that nothing hangs. */
  whileAlive<T>(work: Promise<T>): Promise<T> {
    if (this.lostError) {
      work.catch(() => {}); // it rejects too once the device is lost, and nothing else handles that
      return Promise.reject(this.lostError);
    }
    return new Promise((resolve, reject) => {
      this.#onLost.push(reject);
      const forget = () => {
        const at = this.#onLost.indexOf(reject);
        if (at >= 0) this.#onLost.splice(at, 1);
      };
      this.whileWaiting(work).then(resolve, reject).finally(forget);
    });
  }

  /** Throws an error that the GPU reported outside any error scope since the last call, or DeviceLostError. */
  throwIfFailed(): void {
    if (this.lostError) throw this.lostError;
    const error = this.#uncaptured;
    this.#uncaptured = null;
    if (error) throw error;
  }

  /** Runs `work` (which creates GPU objects) and turns the GPU's answer into a typed error. */
  async checked<T>(what: string, work: () => T | Promise<T>): Promise<T> {
    this.device.pushErrorScope('out-of-memory');
    this.device.pushErrorScope('internal');
    this.device.pushErrorScope('validation');
    let result: T;
    const errors: (GPUError | null)[] = [];
    try {
      result = await this.whileWaiting(Promise.resolve(work()));
    } finally {
      for (let i = 0; i < 3; i++) errors.push(await this.device.popErrorScope());
    }
    const error = errors.find(e => e !== null);
    if (error) throw asGpuError(error, what);
    return result;
  }

  /** Destroys the device and with it all its buffers. */
  destroy(): void {
    // Node's binding keeps a listener, and everything it refers to, until the process ends (160 kB for each device, measured).
    this.device.onuncapturederror = null;
    this.device.destroy();
  }
}

function asGpuError(error: GPUError, what = 'GPU work'): GpuError {
  if (/out.?of.?memory/i.test(error.constructor.name + error.message)) {
    return new OutOfMemoryError(
      `${what}: the GPU is out of memory. Close other pages that use it, or use a shorter text or a smaller dtype. (${error.message})`,
    );
  }
  return new GpuError(`${what}: ${error.message}`);
}

const namedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
] as const;

export interface OpenGpuOptions {
  /** Features that are not requested although the adapter has them. */
  without?: readonly OptionalFeature[];
  whileWaiting?: <T>(work: Promise<T>) => Promise<T>;
}

/** Opens the best adapter and a device on it. Errors: NoAdapterError. */
export async function openGpu(gpu: GPU, { without = [], whileWaiting }: OpenGpuOptions = {}): Promise<Gpu> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new NoAdapterError('WebGPU is there but offers no adapter. Update the graphics driver, or switch on WebGPU in this browser.');
  const wanted = (['shader-f16', 'subgroups', 'timestamp-query'] as const).filter(f => adapter.features.has(f) && !without.includes(f));
  const device = await adapter.requestDevice({ label: 'affinage', requiredFeatures: wanted });
  return new Gpu(device, profileOf(adapter, new Set(wanted)), whileWaiting);
}

function profileOf(adapter: GPUAdapter, features: ReadonlySet<string>): DeviceProfile {
  const info = adapter.info;
  const description = info.description || info.device || info.vendor || 'unknown adapter';
  const software =
    info.isFallbackAdapter === true ||
    /swiftshader|llvmpipe|lavapipe|software|\bwarp\b|basic render/i.test(`${description} ${info.architecture} ${info.device}`);
  const subgroups = features.has('subgroups');
  const min = info.subgroupMinSize;
  const max = info.subgroupMaxSize;
  const profile = {
    vendor: info.vendor,
    architecture: info.architecture,
    description,
    software,
    f16: features.has('shader-f16'),
    subgroups,
    timestamps: features.has('timestamp-query'),
    subgroupSize: subgroups && min && max ? { min, max } : null,
    limits: Object.fromEntries(namedLimits.map(name => [name, adapter.limits[name]])),
  };
  return { ...profile, key: [profile.vendor, profile.architecture, description, ...[...features].sort()].join('|') };
}
