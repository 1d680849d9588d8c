import type { Plugin } from 'vite';

export function zstdWasm(): Plugin;
