/** A closed device keeps nothing of ours alive: Node's binding holds a device's listener for the life of the process. */
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { testGpu } from '../testing/gpu.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Opens a device, has it closed, and lets go of it. */
async function closed(how: 'destroyed' | 'lost'): Promise<WeakRef<object>> {
  const gpu = await testGpu();
  gpu.memory.storage('weights', 'weights', 1024);
  if (how === 'destroyed') gpu.destroy();
  else gpu.device.destroy(); // as a driver's reset: we only hear of it
  await gpu.device.lost;
  return new WeakRef(gpu);
}

test.each(['destroyed', 'lost'] as const)('a device that was %s is collected with all that hung on it', async how => {
  const held = await closed(how);
  for (let i = 0; i < 50 && held.deref(); i++) {
    await setTimeout(10);
    collect();
  }
  expect(held.deref()).toBe(undefined);
});
