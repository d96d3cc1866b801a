// Bundles the page of app.jsx with the UI Kit from node_modules. It takes about a second.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const types = { '.css': 'text/css', '.js': 'text/javascript', '.woff2': 'font/woff2' };

// Returns the files of the page, for a Browser. The page finds the emulator in window.emulator.
export async function bundle(emulator) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('app.jsx', import.meta.url))], outdir: '/', write: false, bundle: true, format: 'esm', jsx: 'automatic',
    loader: { '.woff2': 'file' }, define: { 'process.env.NODE_ENV': '"production"' }, logLevel: 'warning',
  });
  const html = `<!doctype html><title>UI Kit</title><link rel="icon" href="data:,"><link rel="stylesheet" href="app.css"><div id="app"></div>
    <script>window.emulator = ${JSON.stringify(emulator)}</script><script type="module" src="app.js"></script>`;
  const files = outputFiles.map(({ path: file, contents }) => [file, [types[path.extname(file)], contents]]);
  return { '/': ['text/html', html], ...Object.fromEntries(files) };
}
