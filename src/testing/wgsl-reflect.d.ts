/** The package's main file is CommonJS that claims to be a module; its real module has no types of its own. */
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
