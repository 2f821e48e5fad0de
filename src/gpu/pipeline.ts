/** Compute pipelines, compiled asynchronously and once per text. */
import { GpuError } from '../errors.ts';
import { shaderStageCompute } from './flags.ts';

/** `read`: storage, read only; `write`: storage, read and write; `uniform`. In binding order, from binding 0. */
export type BindingKind = 'read' | 'write' | 'uniform';

export interface Program {
  label: string;
  /** Composed WGSL with one entry point, `main`. */
  code: string;
  bindings: readonly BindingKind[];
}

const bufferTypes = { read: 'read-only-storage', write: 'storage', uniform: 'uniform' } as const;

export class PipelineCache {
  #device: GPUDevice;
  #layouts = new Map<string, GPUBindGroupLayout>();
  #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Explicit, so that pipelines of the same bindings share it and an unused binding is no surprise. */
  layout(bindings: readonly BindingKind[]): GPUBindGroupLayout {
    const key = bindings.join();
    let layout = this.#layouts.get(key);
    if (!layout) {
      layout = this.#device.createBindGroupLayout({
        entries: bindings.map((kind, binding) => ({
          binding,
          visibility: shaderStageCompute,
          buffer: { type: bufferTypes[kind], hasDynamicOffset: kind === 'uniform' },
        })),
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }

  /** Errors: GpuError with the compiler's messages and the line they point at. */
  get(program: Program): Promise<GPUComputePipeline> {
    const key = `${program.bindings.join()}\n${program.code}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#compile(program);
      this.#pipelines.set(key, pipeline);
      pipeline.catch(() => this.#pipelines.delete(key));
    }
    return pipeline;
  }

  get count(): number {
    return this.#pipelines.size;
  }

  async #compile({ label, code, bindings }: Program): Promise<GPUComputePipeline> {
    const module = this.#device.createShaderModule({ label, code });
    try {
      const layout = this.#device.createPipelineLayout({ bindGroupLayouts: [this.layout(bindings)] });
      return await this.#device.createComputePipelineAsync({ label, layout, compute: { module, entryPoint: 'main' } });
    } catch (cause) {
      const { messages } = await module.getCompilationInfo();
      const lines = code.split('\n');
      const told = messages
        .filter(m => m.type === 'error')
        .map(m => `${m.lineNum}:${m.linePos} ${m.message}\n    ${lines[m.lineNum - 1] ?? ''}`);
      const why = told.length > 0 ? told.join('\n') : cause instanceof Error ? cause.message : String(cause);
      throw new GpuError(`Kernel ${label} did not compile on this adapter:\n${why}`, { label }, { cause });
    }
  }
}
