/** What a composed shader declares, read from its text by wgsl_reflect. */
import { ResourceType, type StructInfo, WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import type { BindingKind } from '../gpu/pipeline.ts';

export interface ShaderLayout {
  bindings: BindingKind[];
  names: string[];
  workgroupSize: readonly number[];
  /** Sum of the sizes of all workgroup variables, in bytes. */
  workgroupBytes: number;
  structs: StructInfo[];
}

/** Errors: a text without exactly one entry point `main`, bindings that are not 0, 1, 2 … of group 0, an unsized workgroup variable. */
export function shaderLayout(code: string): ShaderLayout {
  const reflect = new WgslReflect(workgroupAsStorage(declarations(code)));
  const [main, ...others] = reflect.entry.compute;
  if (main?.name !== 'main' || others.length > 0 || !main.workgroupSize) throw new Error('expected one compute entry point, main');
  const [bound = [], workgroup = []] = reflect.getBindGroups();
  const bindings = Array.from(bound, (variable, i): BindingKind => {
    if (variable?.binding !== i) throw new Error(`binding ${i} is missing`);
    if (variable.resourceType === ResourceType.Uniform) return 'uniform';
    return variable.access === 'read_write' ? 'write' : 'read';
  });
  const sizes = workgroup.map(variable => {
    if (!(variable.size > 0)) throw new Error(`workgroup variable ${variable.name} has no known size`);
    return variable.size;
  });
  return {
    bindings,
    names: bound.map(variable => variable.name),
    workgroupSize: main.workgroupSize,
    workgroupBytes: sizes.reduce((total, size) => total + size, 0),
    structs: reflect.structs,
  };
}

/** The text without comments and without the bodies of functions: the library's parser does not know every expression. */
function declarations(code: string): string {
  const text = code.replace(/\/\/.*$/gm, '');
  const start = /^\s*(?:@compute\b[^;]*?)?\bfn\s/gm;
  let kept = '';
  let from = 0;
  for (let match = start.exec(text); match; match = start.exec(text)) {
    const open = text.indexOf('{', match.index);
    let close = open + 1;
    for (let depth = 1; depth > 0; close++) {
      if (close >= text.length) throw new Error('a function body does not end');
      if (text[close] === '{') depth++;
      if (text[close] === '}') depth--;
    }
    kept += `${text.slice(from, open)}{}`;
    from = close;
    start.lastIndex = close;
  }
  return kept + text.slice(from);
}

/** The library measures storage variables, not workgroup ones: show it those as a second group. */
function workgroupAsStorage(code: string): string {
  let binding = 0;
  return code.replace(/^\s*var<workgroup>/gm, () => `@group(1) @binding(${binding++}) var<storage, read_write>`);
}
