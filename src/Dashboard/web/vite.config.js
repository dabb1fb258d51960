import { defineConfig } from 'vite'

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
            output: { format: 'iife', entryFileNames: 'app.js', assetFileNames: 'app[extname]' },
        },
    },
})
