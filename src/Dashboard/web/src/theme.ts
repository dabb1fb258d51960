/** Light or dark as the machine has it, until somebody says otherwise. */
const darkness = matchMedia('(prefers-color-scheme: dark)')
let isChosen = false

export function followTheme(): void {
    set(darkness.matches)
    darkness.addEventListener('change', () => {
        if (!isChosen) set(darkness.matches)
    })
}

export function toggleTheme(): void {
    isChosen = true
    set(document.documentElement.dataset['theme'] !== 'dark')
}

/** Canvases do not follow by themselves. Returns what ends it. */
export function onTheme(listener: () => void): () => void {
    addEventListener('theme', listener)
    return () => removeEventListener('theme', listener)
}

function set(isDark: boolean): void {
    document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
    dispatchEvent(new Event('theme'))
}
