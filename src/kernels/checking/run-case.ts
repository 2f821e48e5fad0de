/** Runs one case on an adapter: with known bytes (a sentinel) after every buffer, twice to see that the bits are equal, and with GPU errors caught. */

import type { Gpu } from '../../gpu/device.ts';
import { bufferUsage, mapModeRead } from '../../gpu/flags.ts';
import { RunSlots } from '../../gpu/run.ts';
import { encodeStep, type Step, type Window } from '../../gpu/step.ts';
import { Graph } from '../../runtime/graph.ts';
import type { StorageType } from '../../types.ts';
import { f16ToFloat32, float32ToF16 } from '../../weights/dtype.ts';
import type { CaseBuffer, CaseContext, CaseInstance, KernelCase, Values } from './cases.ts';
import { expectedOf } from './expected.ts';
import { randomNormal, seededRandom } from './random.ts';

const sentinel = 0x5ea15ea1;
const sentinelWords = 64;

export function caseContext(gpu: Pick<Gpu, 'profile'>, kernelCase: KernelCase, variant: string, storage: StorageType): CaseContext {
  const next = seededRandom(kernelCase.name);
  const round = (values: Float32Array) => (storage === 'f16' ? f16ToFloat32(float32ToF16(values)) : new Float32Array(values));
  return {
    variant,
    storage,
    profile: gpu.profile,
    round,
    random: (length, scale = 1) => round(Float32Array.from({ length }, () => randomNormal(next) * scale)),
    randomInts: (length, below) => Uint32Array.from({ length }, () => Math.floor(next() * below)),
  };
}

export interface BufferResult {
  name: string;
  nmse: number;
  /** First element that differs most, for the message. */
  worst: { index: number; got: number; expected: number };
}

/**
 * Throws on any GPU error, broken sentinel, changed input or unequal second run; returns the error of each output. A kernel that may
 * be split into windows runs a third time in windows of unequal size, and must give the same bits. A caller that runs an instance several
 * times computes `expected` once and passes it.
 */
export async function runCase(
  gpu: Gpu,
  instance: CaseInstance,
  storage: StorageType,
  expected: ReadonlyMap<string, Values> = expectedOf(instance),
): Promise<BufferResult[]> {
  const { kernel, buffers, run } = instance;
  const { device } = gpu;
  if (kernel.bindings.length !== buffers.length + 1)
    throw new Error(`${kernel.label}: ${kernel.bindings.length} bindings, ${buffers.length} buffers + run`);
  buffers.forEach((b, i) => {
    if (kernel.bindings[i] !== b.kind)
      throw new Error(`${kernel.label}: binding ${i} (${b.name}) is ${kernel.bindings[i]}, the case says ${b.kind}`);
  });
  const contents = buffers.map(b => withSentinel(pack(b, storage)));
  const gpuBuffers: GPUBuffer[] = [];
  try {
    return await gpu.checked(kernel.label, async () => {
      for (const content of contents) {
        gpuBuffers.push(
          device.createBuffer({ size: content.byteLength, usage: bufferUsage.storage | bufferUsage.copyDst | bufferUsage.copySrc }),
        );
      }
      const slots = new RunSlots(device, gpu.run);
      const windows = windowsOf(instance);
      const graph = new Graph();
      graph.add(kernel, gpuBuffers);
      const [step] = (await graph.compile(gpu, noTensor)) as [Step];
      const once = async (parts: readonly (Window | undefined)[] = [undefined]) => {
        contents.forEach((content, i) => {
          device.queue.writeBuffer(gpuBuffers[i]!, 0, content);
        });
        const encoder = device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        for (const part of parts) encodeStep(pass, step, run, slots.place(step, run, part?.first)!, part);
        pass.end();
        slots.send();
        device.queue.submit([encoder.finish()]);
        return Promise.all(contents.map((content, i) => readBytes(gpu, gpuBuffers[i]!, content.byteLength)));
      };
      const first = await once();
      const second = await once();
      if (windows.length > 0) {
        const parted = await once(windows);
        buffers.forEach((b, i) => {
          if (!equalBytes(first[i]!, parted[i]!)) throw new Error(`${kernel.label}, buffer ${b.name}: other bits when split into windows`);
        });
      }
      return buffers.flatMap((b, i) => judge(b, expected.get(b.name), storage, contents[i]!, first[i]!, second[i]!, kernel.label));
    });
  } finally {
    for (const buffer of gpuBuffers) buffer.destroy();
  }
}

/** A case binds its buffers by itself. */
const noTensor = (): never => {
  throw new Error('a case has no tensors');
};

/** Enough to have windows of many sizes. */
const mostWindows = 15;

/** Windows of 1, 2, 3 … workgroups along the row axis, the last with the rest; empty if there is only one workgroup. */
function windowsOf({ kernel, run }: CaseInstance): Window[] {
  const groups = kernel.rowAxis === undefined ? 0 : kernel.grid(run)[kernel.rowAxis];
  const windows: Window[] = [];
  if (groups < 2) return windows;
  for (let first = 0; first < groups; ) {
    const size = windows.length + 1;
    const count = size === mostWindows ? groups - first : Math.min(size, groups - first);
    windows.push({ first, count });
    first += count;
  }
  return windows;
}

function judge(
  b: CaseBuffer,
  expected: Values | undefined,
  storage: StorageType,
  before: Uint8Array,
  first: Uint8Array,
  second: Uint8Array,
  label: string,
): BufferResult[] {
  const where = `${label}, buffer ${b.name}`;
  const dataBytes = before.byteLength - sentinelWords * 4;
  if (new Uint32Array(first.buffer, first.byteOffset + dataBytes, sentinelWords).some(word => word !== sentinel))
    throw new Error(`${where}: written past its end`);
  if (b.kind === 'read' && !equalBytes(before, first)) throw new Error(`${where}: an input was changed`);
  if (!equalBytes(first, second)) throw new Error(`${where}: two runs gave different bits`);
  if (!expected) return [];
  const got = unpack(first.subarray(0, dataBytes), expected instanceof Uint32Array ? 'u32' : b.type, storage);
  if (got.length < expected.length) throw new Error(`${where}: ${got.length} values, expected ${expected.length}`);
  if (expected instanceof Uint32Array) {
    const index = expected.findIndex((v, i) => v !== got[i]);
    if (index >= 0) throw new Error(`${where}[${index}]: ${got[index]}, expected ${expected[index]}`);
    return [{ name: b.name, nmse: 0, worst: { index: 0, got: 0, expected: 0 } }];
  }
  return [{ name: b.name, ...compare(got, expected) }];
}

/** Normalised mean squared error Σ(a-b)² / Σb², and where |a-b| is largest. NaN anywhere gives Infinity. */
export function compare(got: ArrayLike<number>, expected: ArrayLike<number>): Omit<BufferResult, 'name'> {
  let error = 0;
  let energy = 0;
  let worst = { index: 0, got: got[0] ?? 0, expected: expected[0] ?? 0 };
  let largest = -1;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(got[i]! - expected[i]!);
    if (!(difference <= largest)) {
      largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
      worst = { index: i, got: got[i]!, expected: expected[i]! };
    }
    error += difference ** 2;
    energy += expected[i]! ** 2;
  }
  const nmse = error === 0 ? 0 : error / Math.max(energy, 1e-30);
  return { nmse: Number.isNaN(nmse) ? Number.POSITIVE_INFINITY : nmse, worst };
}

/** The content of a buffer as it lies on the GPU. */
export function pack(b: CaseBuffer, storage: StorageType): Uint8Array {
  if (b.type === 'elem' && storage === 'f16') return bytesOf(float32ToF16(b.data as Float32Array));
  return bytesOf(b.data);
}

function unpack(bytes: Uint8Array, type: CaseBuffer['type'], storage: StorageType): Float32Array | Uint32Array {
  const copy = bytes.slice().buffer;
  if (type === 'u32') return new Uint32Array(copy);
  return type === 'elem' && storage === 'f16' ? f16ToFloat32(new Uint16Array(copy)) : new Float32Array(copy);
}

function bytesOf(array: Float32Array | Uint32Array | Uint16Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function withSentinel(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const dataBytes = Math.ceil(data.byteLength / 16) * 16;
  const bytes = new Uint8Array(dataBytes + sentinelWords * 4);
  bytes.set(data);
  new Uint32Array(bytes.buffer, dataBytes).fill(sentinel);
  return bytes;
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  // Both start at 0 and are whole words (withSentinel); no Buffer, as this runs in browsers too (e2e/kernels).
  const [x, y] = [new Uint32Array(a.buffer, a.byteOffset, a.byteLength / 4), new Uint32Array(b.buffer, b.byteOffset, b.byteLength / 4)];
  return x.length === y.length && x.every((word, i) => word === y[i]);
}

async function readBytes(gpu: Gpu, buffer: GPUBuffer, sizeBytes: number): Promise<Uint8Array> {
  const { device } = gpu;
  const staging = device.createBuffer({ size: sizeBytes, usage: bufferUsage.mapRead | bufferUsage.copyDst });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, sizeBytes);
  device.queue.submit([encoder.finish()]);
  await gpu.whileAlive(staging.mapAsync(mapModeRead));
  const bytes = new Uint8Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return bytes;
}

/** The tolerance of a case: exact maths in f32, rounding of each stored value in f16. */
export function toleranceOf(instance: CaseInstance, storage: StorageType): number {
  return instance.maxNmse ?? (storage === 'f16' ? 1e-6 : 1e-10);
}
