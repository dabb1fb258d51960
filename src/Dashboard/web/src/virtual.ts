import { el } from './dom'

const PAGE = 100
const OVERSCAN = 6
const PAGES_KEPT = 12

export interface Page<T> {
    total: number
    rows: T[]
}

/** A list of any length with as many elements as fit on the screen. Rows come in pages, from wherever they are. Every
 * row has one button; the list is one stop of the Tab key, and arrows go from row to row. */
export class VirtualList<T, Answer extends Page<T> = Page<T>> {
    readonly element: HTMLElement
    private readonly spacer = el('div', { class: 'spacer', role: 'presentation' })
    private readonly shown = new Map<number, HTMLElement>()
    private readonly idle: HTMLElement[] = []
    private pages = new Map<number, T[]>()
    private asked = new Set<number>()
    private total = 0
    private generation = 0
    /** Of what is in the pages. */
    private pagesGeneration = 0
    /** What is shown is of the list before. */
    private isOther = false
    private isDrawing = false
    /** Row that has, or last had, the focus. */
    private current = 0
    /** Row that gets the focus once it is there. */
    private wanted: number | null = null

    constructor(
        label: string,
        private readonly rowHeight: number,
        private readonly fetchPage: (offset: number, count: number) => Promise<Answer>,
        /** Told every answer, but for those that a newer question has overtaken. */
        private readonly arrived: (answer: Answer) => void,
        private readonly draw: (element: HTMLElement, row: T | undefined) => void,
        private readonly failed: (problem: Error) => void,
    ) {
        this.element = el('div', { class: 'virtual', role: 'list', 'aria-label': label }, this.spacer)
        this.element.addEventListener('scroll', () => this.redraw(), { passive: true })
        this.element.addEventListener('keydown', event => this.press(event))
        this.element.addEventListener('focusin', event => {
            this.current = indexOf(event.target as Element)
            this.setTabStop()
        })
        this.element.addEventListener('focusout', event => {
            if (!this.element.contains(event.relatedTarget as Node | null)) this.wanted = null
        })
        new ResizeObserver(() => this.redraw()).observe(this.element)
    }

    /** Asks again for what is seen. What was there stays until the answer is. */
    refresh(): Promise<void> {
        this.generation++
        this.asked = new Set()
        return this.load(this.firstVisible())
    }

    /** Another list, seen from where the one before was. */
    replace(): Promise<void> {
        this.isOther = true
        return this.refresh()
    }

    /** Another list: from its top. */
    reset(): Promise<void> {
        this.element.scrollTop = 0
        return this.replace()
    }

    redraw(): void {
        if (this.isDrawing) return
        this.isDrawing = true
        requestAnimationFrame(() => {
            this.isDrawing = false
            this.paint()
        })
    }

    private firstVisible(): number {
        return Math.floor(this.element.scrollTop / this.rowHeight)
    }

    private async load(index: number): Promise<void> {
        const page = Math.floor(index / PAGE)
        if (this.asked.has(page)) return
        this.asked.add(page)
        const generation = this.generation
        try {
            const answer = await this.fetchPage(page * PAGE, PAGE)
            if (generation !== this.generation) return
            if (this.pagesGeneration !== generation) this.pages = new Map()
            this.pagesGeneration = generation
            this.isOther = false
            this.arrived(answer)
            this.pages.set(page, answer.rows)
            if (this.pages.size > PAGES_KEPT) {
                const oldest = this.pages.keys().next().value!
                this.pages.delete(oldest)
                this.asked.delete(oldest)
            }
            this.setTotal(answer.total)
        } catch (problem) {
            if (generation !== this.generation) return
            if (this.isOther) this.setTotal(0)
            this.failed(problem as Error)
        }
    }

    private setTotal(total: number): void {
        this.total = total
        this.spacer.style.height = `${total * this.rowHeight}px`
        this.redraw()
    }

    private paint(): void {
        const first = Math.max(0, this.firstVisible() - OVERSCAN)
        const fitting = Math.ceil(this.element.clientHeight / this.rowHeight) + 2 * OVERSCAN
        const last = Math.min(this.total, first + fitting)
        // Who has the focus stays, however far the list is scrolled.
        const focused = this.element.contains(document.activeElement) ? indexOf(document.activeElement!) : -1
        for (const [index, element] of this.shown) {
            const isSeen = index >= first && index < last
            if (!isSeen && (index !== focused || index >= this.total)) {
                this.shown.delete(index)
                element.remove()
                this.idle.push(element)
            }
        }
        for (let index = first; index < last; index++) this.show(index)
        if (this.shown.has(focused)) this.show(focused)
        else if (focused >= 0 && this.total > 0) this.wanted ??= this.total - 1
        this.idle.length = Math.min(this.idle.length, fitting)
        this.setTabStop()
        this.giveFocus()
    }

    private show(index: number): void {
        const row = this.pages.get(Math.floor(index / PAGE))?.[index % PAGE]
        let element = this.shown.get(index)
        const isNew = !element
        if (!element) {
            element = this.idle.pop() ?? el('div', { class: 'row', role: 'listitem' })
            element.style.transform = `translateY(${index * this.rowHeight}px)`
            element.setAttribute('aria-posinset', String(index + 1))
            this.shown.set(index, element)
            this.insert(element, index)
        }
        element.setAttribute('aria-setsize', String(this.total))
        if (!row) void this.load(index)
        if (row || isNew) this.draw(element, row)
    }

    /** In order, so that a screen reader goes down the list. */
    private insert(element: HTMLElement, index: number): void {
        for (const child of this.spacer.children) {
            if (indexOf(child) > index) {
                child.before(element)
                return
            }
        }
        this.spacer.append(element)
    }

    private press(event: KeyboardEvent): void {
        const from = this.wanted ?? this.current
        const screen = Math.max(1, Math.floor(this.element.clientHeight / this.rowHeight) - 1)
        const to = {
            ArrowDown: from + 1,
            ArrowUp: from - 1,
            PageDown: from + screen,
            PageUp: from - screen,
            Home: 0,
            End: this.total - 1,
        }[event.key]
        if (to === undefined) return
        event.preventDefault()
        this.wanted = Math.max(0, Math.min(this.total - 1, to))
        this.reveal(this.wanted)
        this.paint()
    }

    private reveal(index: number): void {
        const top = index * this.rowHeight
        const { scrollTop, clientHeight } = this.element
        if (top < scrollTop) this.element.scrollTop = top
        else if (top + this.rowHeight > scrollTop + clientHeight)
            this.element.scrollTop = top + this.rowHeight - clientHeight
    }

    private setTabStop(): void {
        const stop = this.shown.has(this.current) ? this.current : Math.min(this.firstVisible(), this.total - 1)
        for (const [index, element] of this.shown) {
            const button = element.querySelector('button')
            if (button) button.tabIndex = index === stop ? 0 : -1
        }
    }

    private giveFocus(): void {
        const button = this.wanted === null ? null : this.shown.get(this.wanted)?.querySelector('button')
        if (!button) return
        this.wanted = null
        button.focus({ preventScroll: true })
    }
}

/** The button of a row, with nothing beside it. It stays when the row is drawn again, since it may have the focus. */
export function buttonOf(row: HTMLElement, look: string, clicked: (name: string) => void): HTMLButtonElement {
    const made = row.querySelector('button')
    const button = made ?? el('button', { type: 'button', class: look, onclick: () => clicked(button.textContent) })
    if (made) while (button.nextSibling) button.nextSibling.remove()
    else row.replaceChildren(button)
    return button
}

function indexOf(inside: Element): number {
    return Number(inside.closest('[aria-posinset]')?.getAttribute('aria-posinset') ?? 0) - 1
}
