import { el } from './dom'

const PAGE = 100
const OVERSCAN = 6
const PAGES_KEPT = 12

export interface Page<T> {
    total: number
    rows: T[]
}

/** A list of any length with as many elements as fit on the screen. Rows come in pages, from wherever they are. */
export class VirtualList<T> {
    readonly element: HTMLElement
    private readonly spacer = el('div', { class: 'spacer', role: 'presentation' })
    private readonly shown = new Map<number, HTMLElement>()
    private readonly idle: HTMLElement[] = []
    private pages = new Map<number, T[]>()
    private asked = new Set<number>()
    private total = 0
    private generation = 0
    private isDrawing = false

    constructor(
        label: string,
        private readonly rowHeight: number,
        private readonly fetchPage: (offset: number, count: number) => Promise<Page<T>>,
        private readonly draw: (element: HTMLElement, row: T | undefined, index: number) => void,
        private readonly failed: (problem: Error) => void,
    ) {
        this.element = el('div', { class: 'virtual', role: 'list', 'aria-label': label, tabindex: 0 }, this.spacer)
        this.element.addEventListener('scroll', () => this.schedule(), { passive: true })
        new ResizeObserver(() => this.schedule()).observe(this.element)
    }

    get length(): number {
        return this.total
    }

    /** Asks again for what is seen. What was there stays until the answer is. */
    refresh(): Promise<void> {
        this.generation++
        this.asked = new Set()
        return this.load(this.firstVisible(), true)
    }

    /** Another list: from its top. */
    reset(): Promise<void> {
        this.element.scrollTop = 0
        return this.refresh()
    }

    /** The element of a row, once it is on the screen. */
    reveal(index: number): HTMLElement | undefined {
        const top = index * this.rowHeight
        const { scrollTop, clientHeight } = this.element
        if (top < scrollTop) this.element.scrollTop = top
        else if (top + this.rowHeight > scrollTop + clientHeight)
            this.element.scrollTop = top + this.rowHeight - clientHeight
        this.paint()
        return this.shown.get(index)
    }

    private firstVisible(): number {
        return Math.floor(this.element.scrollTop / this.rowHeight)
    }

    private async load(index: number, isNew = false): Promise<void> {
        const page = Math.floor(index / PAGE)
        if (this.asked.has(page)) return
        this.asked.add(page)
        const generation = this.generation
        try {
            const answer = await this.fetchPage(page * PAGE, PAGE)
            if (generation !== this.generation) return
            if (isNew) this.pages = new Map()
            this.pages.set(page, answer.rows)
            if (this.pages.size > PAGES_KEPT) {
                const oldest = this.pages.keys().next().value!
                this.pages.delete(oldest)
                this.asked.delete(oldest)
            }
            this.total = answer.total
            this.spacer.style.height = `${this.total * this.rowHeight}px`
            this.schedule()
        } catch (problem) {
            if (generation === this.generation) this.failed(problem as Error)
        }
    }

    private schedule(): void {
        if (this.isDrawing) return
        this.isDrawing = true
        requestAnimationFrame(() => {
            this.isDrawing = false
            this.paint()
        })
    }

    private paint(): void {
        const first = Math.max(0, this.firstVisible() - OVERSCAN)
        const fitting = Math.ceil(this.element.clientHeight / this.rowHeight) + 2 * OVERSCAN
        const last = Math.min(this.total, first + fitting)
        for (const [index, element] of this.shown) {
            if (index < first || index >= last) {
                this.shown.delete(index)
                element.remove()
                this.idle.push(element)
            }
        }
        for (let index = first; index < last; index++) {
            let element = this.shown.get(index)
            if (!element) {
                element = this.idle.pop() ?? el('div', { class: 'row', role: 'listitem' })
                element.style.transform = `translateY(${index * this.rowHeight}px)`
                element.setAttribute('aria-posinset', String(index + 1))
                this.shown.set(index, element)
                this.insert(element, index)
            }
            element.setAttribute('aria-setsize', String(this.total))
            const row = this.pages.get(Math.floor(index / PAGE))?.[index % PAGE]
            if (!row) void this.load(index)
            this.draw(element, row, index)
        }
        this.idle.length = Math.min(this.idle.length, fitting)
    }

    /** In order, so that the Tab key goes down the list. */
    private insert(element: HTMLElement, index: number): void {
        for (const child of this.spacer.children) {
            if (Number(child.getAttribute('aria-posinset')) > index + 1) {
                child.before(element)
                return
            }
        }
        this.spacer.append(element)
    }
}
