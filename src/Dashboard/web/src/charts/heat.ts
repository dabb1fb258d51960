import { AsTable, el, say, svg, table } from '../dom'
import { percent } from '../format'
import type { Num } from '../types'

const CELLS_MAX = 160
const WIDTH = 800
const ROW = 26

/** A share per row and round, as a picture of coloured cells and as a table. */
export class HeatMap {
    readonly element: HTMLElement
    private readonly holder = el('div', { class: 'heat' })
    private readonly readout = el('p', { class: 'readout' })
    private readonly asTable = new AsTable(() => this.table())
    private data: { rounds: number[]; rows: Num[][] } = { rounds: [], rows: [] }
    private summary = ''

    constructor(
        private readonly label: string,
        private readonly rowName: string,
    ) {
        this.element = el(
            'figure',
            {},
            this.holder,
            scale(),
            this.readout,
            this.asTable.element,
        )
    }

    /** rows: [row][round] in [0, 1]. */
    update(rounds: number[], rows: Num[][], summary: string): void {
        this.data = { rounds, rows }
        this.summary = summary
        say(this.readout, summary)
        this.draw()
        this.asTable.update()
    }

    private draw(): void {
        const { rounds, rows } = this.data
        // Where rounds are more than can be told apart, the last of each group stands for it.
        const group = Math.ceil(rounds.length / CELLS_MAX)
        const columns = rounds
            .map((_, index) => index)
            .filter(index => (index + 1) % group === 0 || index === rounds.length - 1)
        const width = WIDTH / Math.max(columns.length, 1)
        const picture = svg('svg', {
            viewBox: `0 0 ${WIDTH} ${ROW * rows.length}`,
            role: 'img',
            'aria-label': `${this.label}. ${this.summary}`,
            preserveAspectRatio: 'none',
            height: ROW * rows.length,
        })
        rows.forEach((row, block) =>
            columns.forEach((index, column) => {
                const share = row[index]
                if (share === null || share === undefined) return
                picture.append(
                    svg('rect', {
                        x: column * width,
                        y: block * ROW,
                        width,
                        height: ROW - 2,
                        class: 'cell',
                        'fill-opacity': share,
                        'data-row': block,
                        'data-index': index,
                    }),
                )
            }),
        )
        picture.addEventListener('pointermove', event => this.read(event.target as Element))
        picture.addEventListener('pointerleave', () => say(this.readout, this.summary))
        const names = el(
            'div',
            { class: 'heat-names', 'aria-hidden': 'true' },
            ...rows.map((_, block) => el('span', {}, `${this.rowName} ${block + 1}`)),
        )
        const ends = el(
            'div',
            { class: 'heat-ends', 'aria-hidden': 'true' },
            el('span', {}, `round ${rounds[0] ?? ''}`),
            el('span', {}, rounds.length > 1 ? `round ${rounds.at(-1)}` : ''),
        )
        this.holder.replaceChildren(names, el('div', { class: 'heat-cells' }, picture, ends))
    }

    private read(target: Element): void {
        const [row, index] = [Number(target.getAttribute('data-row')), Number(target.getAttribute('data-index'))]
        if (!target.hasAttribute('data-row')) return
        say(
            this.readout,
            `Round ${this.data.rounds[index]}, ${this.rowName} ${row + 1}: ${percent(this.data.rows[row]?.[index])}`,
        )
    }

    private table(): HTMLElement {
        const { rounds, rows } = this.data
        return table(
            this.label,
            [{ name: 'round' }, ...rows.map((_, block) => ({ name: `${this.rowName} ${block + 1}` }))],
            rounds.map((round, index) => [String(round), ...rows.map(row => percent(row[index]))]),
        )
    }
}

function scale(): HTMLElement {
    return el('p', { class: 'heat-scale', 'aria-hidden': 'true' }, '0 %', el('span', {}), '100 %')
}
