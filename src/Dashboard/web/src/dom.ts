type Child = Node | string | null | undefined | false
type Attributes = Record<string, string | number | boolean | null | undefined | EventListener>

/** An element. Texts become text nodes: whatever a user wrote, it stays text. */
export function el<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Attributes = {},
    ...children: Child[]
): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag)
    assign(element, attributes)
    append(element, children)
    return element
}

export function svg<K extends keyof SVGElementTagNameMap>(
    tag: K,
    attributes: Attributes = {},
    ...children: Child[]
): SVGElementTagNameMap[K] {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
    assign(element, attributes)
    append(element, children)
    return element
}

function assign(element: Element, attributes: Attributes): void {
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === 'function') element.addEventListener(name.slice(2), value)
        else if (value === true) element.setAttribute(name, '')
        else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value))
    }
}

function append(element: Element, children: Child[]): void {
    for (const child of children) {
        if (child) element.append(child)
    }
}

/** Sets a text only where it changed, so that nothing is read out or laid out again for nothing. */
export function say(element: Element, text: string): void {
    if (element.textContent !== text) element.textContent = text
}

export interface Column {
    name: string
    isText?: boolean
}

export function table(caption: string, columns: Column[], rows: string[][]): HTMLTableElement {
    return el(
        'table',
        {},
        el('caption', {}, caption),
        el(
            'thead',
            {},
            el(
                'tr',
                {},
                ...columns.map(column =>
                    el('th', { scope: 'col', class: column.isText ? 'text' : null }, column.name),
                ),
            ),
        ),
        el(
            'tbody',
            {},
            ...rows.map(row =>
                el(
                    'tr',
                    {},
                    ...row.map((cell, index) =>
                        index === 0
                            ? el('th', { scope: 'row' }, cell)
                            : el('td', { class: columns[index]?.isText ? 'text' : null }, cell),
                    ),
                ),
            ),
        ),
    )
}

/** What a picture shows, as a table that is made when somebody opens it. */
export class AsTable {
    readonly element: HTMLDetailsElement
    private readonly body: HTMLElement

    constructor(
        private readonly make: () => HTMLElement,
        name = 'As a table',
    ) {
        this.body = scrollable(name)
        this.element = el('details', { class: 'as-table' }, el('summary', {}, name), this.body)
        this.element.addEventListener('toggle', () => this.update())
    }

    /** The picture has changed. */
    update(): void {
        this.body.replaceChildren(...(this.element.open ? [this.make()] : []))
    }
}

/** What may be wider or longer than its place, for the keyboard, too. */
export function scrollable(name: string, ...children: Child[]): HTMLElement {
    return el('div', { class: 'scroll-x', tabindex: 0, role: 'region', 'aria-label': name }, ...children)
}

export function card(title: string, ...children: Child[]): HTMLElement {
    return el('section', { class: 'card' }, el('h2', {}, title), ...children)
}

export function variable(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
