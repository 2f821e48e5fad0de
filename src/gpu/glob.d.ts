// The one bundler feature the core uses: Vite and Vitest inline the shader files (see shader.ts).
interface ImportMeta {
  glob<T>(pattern: string, options: { query: '?raw'; import: 'default'; eager: true }): Record<string, T>;
}
