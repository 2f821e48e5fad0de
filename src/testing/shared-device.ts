/**
 * One device for all models of a test file, on an adapter whose compiler takes seconds for each model and keeps nothing between devices
 * (SwiftShader; lavapipe has Mesa's cache on disk). Each model gets a view: it is lost and destroyed by itself, and a text that was compiled
 * once is not compiled again. What becomes of a device that really ends is shown on the other adapter, where every device is real.
 */
const shared = new Map<string, Promise<SharedDevice>>();

/** A view of the device with these features, which is opened by the first call. */
export async function sharedDevice(adapter: GPUAdapter, descriptor: GPUDeviceDescriptor = {}): Promise<GPUDevice> {
  const key = [...(descriptor.requiredFeatures ?? [])].sort().join();
  let device = shared.get(key);
  if (!device) {
    device = adapter.requestDevice(descriptor).then(real => new SharedDevice(real));
    shared.set(key, device);
  }
  return (await device).view();
}

type Listener = GPUDevice['onuncapturederror'];

class SharedDevice {
  readonly #real: GPUDevice;
  /** Of the views that live. An error outside every scope is told to all of them: too often rather than never. */
  readonly #listeners = new Set<() => Listener>();
  readonly #codes = new WeakMap<GPUShaderModule, string>();
  readonly #bindings = new WeakMap<GPUBindGroupLayout | GPUPipelineLayout, string>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  constructor(real: GPUDevice) {
    this.#real = real;
    real.onuncapturederror = event => {
      for (const listener of this.#listeners) listener()?.call(real, event);
    };
  }

  view(): GPUDevice {
    const real = this.#real;
    let lose: (info: GPUDeviceLostInfo) => void = () => {};
    const lost = new Promise<GPUDeviceLostInfo>(resolve => {
      lose = resolve;
    });
    void real.lost.then(lose);
    const own: Record<PropertyKey, unknown> = {
      lost,
      onuncapturederror: null,
      createShaderModule: (descriptor: GPUShaderModuleDescriptor) => {
        const module = real.createShaderModule(descriptor);
        this.#codes.set(module, descriptor.code);
        return module;
      },
      createBindGroupLayout: (descriptor: GPUBindGroupLayoutDescriptor) => {
        const layout = real.createBindGroupLayout(descriptor);
        this.#bindings.set(layout, JSON.stringify(descriptor.entries));
        return layout;
      },
      createPipelineLayout: (descriptor: GPUPipelineLayoutDescriptor) => {
        const layout = real.createPipelineLayout(descriptor);
        this.#bindings.set(layout, Array.from(descriptor.bindGroupLayouts, each => each && this.#bindings.get(each)).join('\n'));
        return layout;
      },
      createComputePipelineAsync: (descriptor: GPUComputePipelineDescriptor) => this.#compile(descriptor),
    };
    const listener = () => own.onuncapturederror as Listener;
    this.#listeners.add(listener);
    own.destroy = () => {
      this.#listeners.delete(listener);
      lose({ reason: 'destroyed', message: '' } as GPUDeviceLostInfo);
    };
    return new Proxy(real, {
      get(target, key) {
        if (key in own) return own[key];
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
      set(_, key, value) {
        own[key] = value;
        return true;
      },
    });
  }

  #compile(descriptor: GPUComputePipelineDescriptor): Promise<GPUComputePipeline> {
    const { layout, compute } = descriptor;
    const code = this.#codes.get(compute.module);
    const bindings = layout === 'auto' ? undefined : this.#bindings.get(layout);
    if (code === undefined || bindings === undefined) throw new Error('A module or a layout of another device.');
    const key = `${compute.entryPoint}\n${bindings}\n${code}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#real.createComputePipelineAsync(descriptor);
      this.#pipelines.set(key, pipeline);
      pipeline.catch(() => this.#pipelines.delete(key));
    }
    return pipeline;
  }
}
