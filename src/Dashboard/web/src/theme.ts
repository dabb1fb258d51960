/** Light or dark as the machine has it, until somebody says otherwise. */
const darkness = matchMedia('(prefers-color-scheme: dark)')

export function followTheme(): void {
    set(darkness.matches)
    darkness.addEventListener('change', () => set(darkness.matches))
}

export function toggleTheme(): void {
    set(document.documentElement.dataset['theme'] !== 'dark')
}

/** Canvases do not follow by themselves. */
export function onTheme(listener: () => void): void {
    addEventListener('theme', listener)
}

function set(isDark: boolean): void {
    document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
    dispatchEvent(new Event('theme'))
}
