/** WebGPU in Node: Dawn, by npm `webgpu`. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { NoAdapterError } from '../errors.ts';

/**
 * Dawn's entry point, kept here for the life of the process: Dawn aborts the process when it is collected.
 * It does not keep Node running; an open device does.
 */
let entry: Promise<GPU> | undefined;

/**
 * WebGPU's entry point, on which an adapter is known to exist. Errors: NoAdapterError.
 * `quiet`: hides the driver's own output on stderr, see `withoutStderr`.
 */
export async function nodeGpu({ quiet = false } = {}): Promise<GPU> {
  entry ??= open();
  // A failed import may work later (the package was installed meanwhile).
  entry.catch(() => {
    entry = undefined;
  });
  const gpu = await entry;
  const find = () => gpu.requestAdapter({ powerPreference: 'high-performance' });
  const adapter = await (quiet ? withoutStderr(find) : find());
  if (!adapter) throw new NoAdapterError(noAdapterText(), { platform: process.platform, icd: process.env.VK_ICD_FILENAMES ?? null });
  return gpu;
}

/**
 * Dawn's switches. Its clock of the GPU is rounded to 65 µs against spying web pages, which makes most kernels immeasurable; here is no
 * page. On NVIDIA's Vulkan driver it hides shader-f16, because some tests of f16 arithmetic fail there; our kernels only store in f16 and
 * compute in f32, and each is checked on the adapter before it is used.
 */
const dawnFlags = ['disable-dawn-features=timestamp_quantization', 'enable-dawn-features=vulkan_enable_f16_on_nvidia'] as const;

async function open(): Promise<GPU> {
  // Mesa's software driver writes a complaint to stderr without it.
  if (process.platform === 'linux') process.env.XDG_RUNTIME_DIR ??= tmpdir();
  let dawn: typeof import('webgpu');
  try {
    dawn = await import('webgpu');
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new NoAdapterError(
      `WebGPU could not be started on ${process.platform}-${process.arch}: ${reason}. Install the package again (npm install); npm "webgpu" has builds for Linux x64 and arm64 (glibc), macOS, and Windows x64 and arm64.`,
      { platform: process.platform, arch: process.arch },
      { cause },
    );
  }
  return dawn.create([...dawnFlags]);
}

/** What to do on this machine; one line. */
export function noAdapterText(platform: string = process.platform, icd: string | undefined = process.env.VK_ICD_FILENAMES): string {
  const head = 'No GPU adapter was found.';
  if (platform === 'darwin')
    return `${head} affinage needs Metal: run it on macOS 11 or later, in a session with access to the GPU (not every virtual machine has one).`;
  if (platform === 'win32')
    return `${head} affinage needs Direct3D 12: update the graphics driver; remote and virtual machines need a GPU or the WARP adapter of Windows 10 or later.`;
  const own = icd
    ? ` VK_ICD_FILENAMES is set to "${icd}": check that this file exists and names a working Vulkan driver, or unset it.`
    : '';
  return `${head}${own} Install a Vulkan driver: the one of your GPU, or Mesa's software driver (Debian 13, Ubuntu: sudo apt install mesa-vulkan-drivers; Debian 12: sudo apt install -t bookworm-backports mesa-vulkan-drivers; Fedora: sudo dnf install mesa-vulkan-drivers).`;
}

/**
 * Whether descriptor 2 can be opened a second time and still write to the same place: true for a terminal or a pipe. A socket cannot be
 * opened, and a file would get a second write position, so that outputs overwrite each other.
 */
export function canPartStderr(): boolean {
  if (process.platform === 'win32') return false;
  try {
    const info = fstatSync(2);
    return info.isFIFO() || info.isCharacterDevice();
  } catch {
    return false;
  }
}

/**
 * Runs `work` with file descriptor 2 pointing nowhere. Dawn's native code prints warnings there when it first looks for adapters
 * ("maxDynamicUniformBuffersPerPipelineLayout artificially reduced …", webgpu 0.6.2 on lavapipe) and has no switch for it;
 * the command line writes each error as one line, so it hides them. Where that is not possible, nothing is hidden.
 */
async function withoutStderr<T>(work: () => Promise<T>): Promise<T> {
  if (!canPartStderr()) return work();
  let kept: number;
  try {
    kept = openSync('/dev/fd/2', constants.O_WRONLY | constants.O_APPEND);
  } catch {
    return work();
  }
  closeSync(2);
  // The system hands out the lowest free number, which is 2 now.
  const silent = openSync('/dev/null', 'w');
  try {
    return await work();
  } finally {
    closeSync(silent);
    openSync(`/dev/fd/${kept}`, constants.O_WRONLY | constants.O_APPEND);
    closeSync(kept);
  }
}
