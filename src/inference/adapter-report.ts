/** An adapter in its public shape. */
import type { DeviceProfile } from '../gpu/device.ts';
import type { AdapterReport } from '../types.ts';

export function adapterReport(profile: DeviceProfile): AdapterReport {
  return {
    vendor: profile.vendor,
    architecture: profile.architecture,
    description: profile.description,
    software: profile.software,
    features: { shaderF16: profile.f16, subgroups: profile.subgroups, timestampQuery: profile.timestamps },
    subgroupSize: profile.subgroupSize,
    limits: profile.limits,
  };
}
