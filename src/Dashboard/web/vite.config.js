import { readFileSync } from 'node:fs'
import { defineConfig } from 'vite'

// The report carries uPlot to other people, so its licence goes with it.
const licence = readFileSync('node_modules/uplot/LICENSE', 'utf8').trim()
const banner = `/*! uPlot ${licence} */`

// One script and one style sheet under fixed names: the server sends them as they are, the report has them inside.
export default defineConfig({
    base: './',
    build: {
        outDir: '../../../build/local/web',
        emptyOutDir: true,
        target: 'es2022',
        modulePreload: false,
        cssCodeSplit: false,
        rollupOptions: {
            input: 'src/main.ts',
            output: { format: 'iife', banner, entryFileNames: 'app.js', assetFileNames: 'app[extname]' },
        },
    },
})
