/** Every kernel's cases. A kernel that is not in this list fails `kernels.test.ts`. */
import type { CaseSet } from '../testing/cases.ts';
import { layernormCases } from './layernorm.cases.ts';

export const allCases: readonly CaseSet[] = [layernormCases];
