import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Connect, Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the API: `npm run fake`, or a real `topspin serve`. */
const api = process.env.TOPSPIN_URL ?? 'http://127.0.0.1:8090';

/** The paths of the apps, as the server maps them. */
function appPaths(): Plugin {
  const rewrite: Connect.NextHandleFunction = (request, _response, next) => {
    const path = request.url?.split(/[?#]/)[0] ?? '';
    if (/^\/umpire(\/[^./]+)?\/?$/.test(path)) request.url = '/umpire.html';
    if (/^\/board(\/[^./]+)?\/?$/.test(path)) request.url = '/board.html';
    next();
  };
  return {
    name: 'topspin-app-paths',
    configureServer: (server) => void server.middlewares.use(rewrite),
    configurePreviewServer: (server) => void server.middlewares.use(rewrite),
  };
}

// The browser's Host goes through: to the server, a page of another port is another site.
const proxy = { '/v1': { target: api, changeOrigin: false } };

export default defineConfig({
  plugins: [svelte(), appPaths()],
  build: {
    target: 'es2022',
    // An inlined data: font or image would need a wider content security policy.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { umpire: resolve('umpire.html'), board: resolve('board.html') },
    },
  },
  server: { proxy },
  preview: { proxy },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});
