/** The package's main entry is CommonJS in a package of type module, which Node refuses; its module build is sound. */
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
