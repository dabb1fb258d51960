import { variable } from './dom'

const PALETTE = 8

/** Of line number i of n: the palette while it lasts, the colour wheel after that. As CSS, which follows the theme. */
export function lineColour(index: number, count: number): string {
    if (count <= PALETTE) return `var(--line-${index})`
    return `hsl(${Math.round(index * 137.5) % 360} 60% var(--wheel-lightness))`
}

/** A colour for a canvas, which does not know the style sheet's variables. */
export function resolved(colour: string): string {
    return colour.replaceAll(/var\((--[\w-]+)\)/g, (_, name: string) => variable(name))
}

/** Gives an element its expert's colour, the stronger the larger the weight. The style sheet knows the colours. */
export function shade(element: HTMLElement, expert: number, weight: number): void {
    element.classList.add(`expert-${expert % PALETTE}`)
    // The first of two experts has at least a half; that and 1 must look different.
    const strength = Math.min(1, Math.max(0, (weight - 0.35) / 0.65))
    element.style.setProperty('--strength', (0.12 + 0.88 * strength).toFixed(2))
}
