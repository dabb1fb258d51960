import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { AsTable, el, say, table, variable } from '../dom'
import { resolved } from '../colours'
import { onTheme } from '../theme'
import type { Num } from '../types'

export interface Line {
    name: string
    /** As CSS has it. */
    colour: string
    values: Num[]
    width?: number
    dash?: number[]
    kind?: 'line' | 'bars' | 'points'
    /** Points as rings, so that others can lie inside. */
    isHollow?: boolean
    /** On the right-hand axis. */
    isRight?: boolean
}

export interface ChartData {
    /** One sentence: what a person sees at a glance. */
    summary: string
    rounds: number[]
    lines: Line[]
    /** Pairs of lines between which the picture is filled. */
    bands?: { between: [number, number]; colour: string }[]
}

const FONT = '12px system-ui, sans-serif'

/** Rounds and users come one by one. */
const WHOLE = [1, 2, 5]
    .flatMap(step => [1, 10, 100, 1000, 10_000, 100_000].map(power => step * power))
    .sort((a, b) => a - b)

interface Settings {
    label: string
    height: number
    /** From zero, from the lowest figure, or logarithmic. */
    scale: 'zero' | 'near' | 'logarithmic'
    format: (value: Num | undefined) => string
    /** What the axes are of. */
    axis: string
    axisRight?: string
    formatRight?: (value: Num | undefined) => string
    /** Called with a round that was clicked or chosen by key. */
    chosen?: (round: number) => void
}

/** Figures over rounds: a picture, a line that says what is under the pointer, and the same as a table. */
export class LineChart {
    readonly element: HTMLElement
    private readonly canvas: HTMLElement
    private readonly readout = el('p', { class: 'readout' })
    private readonly legend = el('ul', { class: 'legend' })
    private readonly asTable = new AsTable(() => this.table())
    private readonly observer = new ResizeObserver(() => this.resize())
    private readonly endTheme = onTheme(() => this.redraw())
    private plot: uPlot | null = null
    private drawn = ''
    private data: ChartData = { summary: '', rounds: [], lines: [] }

    constructor(private readonly settings: Settings) {
        this.canvas = el('div', { class: 'chart', role: 'img', tabindex: 0, 'aria-label': settings.label })
        this.canvas.addEventListener('keydown', event => this.press(event))
        this.canvas.addEventListener('click', () => this.choose())
        this.canvas.addEventListener('blur', () => this.readout.removeAttribute('aria-live'))
        this.element = el(
            'figure',
            {},
            this.canvas,
            this.legend,
            this.readout,
            this.asTable.element,
        )
        this.observer.observe(this.canvas)
    }

    dispose(): void {
        this.observer.disconnect()
        this.endTheme()
        this.plot?.destroy()
        this.plot = null
    }

    update(data: ChartData): void {
        this.data = data
        this.canvas.setAttribute('aria-label', `${this.settings.label}. ${data.summary}`)
        const shape = JSON.stringify(data.lines.map(line => [line.name, line.colour, line.kind]))
        if (this.plot && shape === this.drawn) this.plot.setData(this.columns())
        else this.redraw(shape)
        this.read(this.plot?.cursor.idx ?? null)
        this.asTable.update()
    }

    private redraw(shape = this.drawn): void {
        this.plot?.destroy()
        this.plot = null
        this.drawn = shape
        const hasLegend = this.data.lines.length > 1 && this.data.lines.length <= 10
        this.legend.replaceChildren(...(hasLegend ? this.data.lines.filter(line => line.name).map(legendItem) : []))
        if (this.canvas.clientWidth > 0 && this.data.rounds.length > 0) {
            this.plot = new uPlot(this.options(), this.columns(), this.canvas)
        }
    }

    private columns(): uPlot.AlignedData {
        return [this.data.rounds, ...this.data.lines.map(line => line.values)] as uPlot.AlignedData
    }

    private options(): uPlot.Options {
        const { settings, data } = this
        const grid = { stroke: variable('--rule'), width: 1 }
        const axis = { stroke: variable('--muted'), grid, ticks: grid, font: FONT, labelFont: FONT, labelSize: 18 }
        const [format, formatRight] = [settings.format, settings.formatRight ?? settings.format]
        return {
            width: this.canvas.clientWidth,
            height: settings.height,
            legend: { show: false },
            cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
            scales: {
                x: {
                    time: false,
                    range: (_, low, high) =>
                        roundRange(
                            low,
                            high,
                            data.lines.some(line => line.kind === 'bars'),
                        ),
                },
                y:
                    settings.scale === 'logarithmic'
                        ? { distr: 3, log: 10, range: (_, low, high) => logRange(low, high) }
                        : {
                              range: (_, low, high) =>
                                  settings.scale === 'zero' ? [0, (high || 1) * 1.08] : nearRange(low, high),
                          },
                right: { range: (_, __, high) => [0, Math.max(high * 1.08, 4)] },
            },
            axes: [
                { ...axis, label: 'round', size: 32, incrs: WHOLE, values: (_, ticks) => ticks.map(String) },
                {
                    ...axis,
                    label: settings.scale === 'logarithmic' ? `${settings.axis} (log)` : settings.axis,
                    size: 62,
                    values: (_, ticks) => ticks.map(tick => format(tick)),
                    filter: (_, ticks) => ticks,
                    ...(settings.scale === 'logarithmic'
                        ? {
                              splits: (plot: uPlot, _: number, low: number, high: number) =>
                                  logTicks(low, high, plot.height / 60),
                          }
                        : {}),
                },
                ...(data.lines.some(line => line.isRight)
                    ? [
                          {
                              ...axis,
                              scale: 'right',
                              label: settings.axisRight ?? '',
                              side: 1,
                              size: 44,
                              grid: { show: false },
                              incrs: WHOLE,
                              values: (_: uPlot, ticks: number[]) => ticks.map(formatRight),
                          },
                      ]
                    : []),
            ],
            series: [{ label: 'round' }, ...data.lines.map(line => seriesOf(line, data.rounds.length))],
            bands: (data.bands ?? []).map(band => ({
                series: [band.between[0] + 1, band.between[1] + 1] as [number, number],
                fill: resolved(band.colour),
            })),
            hooks: { setCursor: [plot => this.read(plot.cursor.idx ?? null)] },
        }
    }

    private resize(): void {
        const width = this.canvas.clientWidth
        if (width === 0) return
        if (this.plot) this.plot.setSize({ width, height: this.settings.height })
        else this.redraw()
    }

    private press(event: KeyboardEvent): void {
        if (!this.plot) return
        const last = this.data.rounds.length - 1
        const at = this.plot.cursor.idx ?? last
        const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key]
        if (event.key === 'Enter' || event.key === ' ') this.choose()
        else if (next === undefined) return
        else {
            // Figures that come by themselves are not read out, those that somebody goes to are.
            this.readout.setAttribute('aria-live', 'polite')
            const index = Math.min(last, Math.max(0, next))
            this.plot.setCursor({ left: this.plot.valToPos(this.data.rounds[index]!, 'x'), top: 10 })
        }
        event.preventDefault()
    }

    private choose(): void {
        const round = this.data.rounds[this.plot?.cursor.idx ?? -1]
        if (round !== undefined) this.settings.chosen?.(round)
    }

    private read(index: number | null): void {
        if (index === null || index >= this.data.rounds.length) {
            say(this.readout, this.data.summary)
            return
        }
        const shown = 12
        const parts = this.data.lines
            .map(line => ({ line, value: line.values[index] }))
            .filter(({ line, value }) => line.name && value !== null && value !== undefined)
        const texts = parts.slice(0, shown).map(({ line, value }) => `${line.name} ${this.formatOf(line)(value)}`)
        const more = parts.length > shown ? ` and ${parts.length - shown} more` : ''
        say(this.readout, `Round ${this.data.rounds[index]}: ${texts.join(', ') || 'not measured'}${more}`)
    }

    private formatOf(line: Line): (value: Num | undefined) => string {
        return line.isRight ? (this.settings.formatRight ?? this.settings.format) : this.settings.format
    }

    private table(): HTMLElement {
        const lines = this.data.lines.filter(line => line.name)
        return table(
            this.settings.label,
            [{ name: 'round' }, ...lines.map(line => ({ name: line.name }))],
            this.data.rounds.map((round, index) => [
                String(round),
                ...lines.map(line => this.formatOf(line)(line.values[index])),
            ]),
        )
    }
}

function seriesOf(line: Line, count: number): uPlot.Series {
    const colour = resolved(line.colour)
    const common = { label: line.name, stroke: colour, spanGaps: true, scale: line.isRight ? 'right' : 'y' }
    switch (line.kind) {
        case 'bars':
            return {
                ...common,
                fill: colour,
                width: 0,
                paths: uPlot.paths.bars!({ size: [0.7, 40] }),
                points: { show: false },
            }
        case 'points':
            return {
                ...common,
                paths: () => null,
                points: {
                    show: true,
                    size: line.isHollow ? 15 : 8,
                    width: 2.5,
                    fill: line.isHollow ? 'transparent' : colour,
                    stroke: colour,
                },
            }
        default:
            return {
                ...common,
                width: line.width ?? 2,
                dash: line.dash ?? [],
                points: { show: count < 40 && !!line.name, size: 5 },
            }
    }
}

function legendItem(line: Line): HTMLElement {
    const swatch = el('span', { class: `swatch ${line.kind ?? 'line'}`, 'aria-hidden': 'true' })
    swatch.style.background = line.colour
    return el('li', {}, swatch, line.name)
}

/** Bars stand on their round, not beside it. */
function roundRange(low: number, high: number, hasBars: boolean): [number, number] {
    const room = hasBars ? 0.6 : low === high ? 1 : 0
    return [low - room, high + room]
}

function nearRange(low: number, high: number): [number, number] {
    const room = Math.max((high - low) * 0.08, Math.abs(high) * 0.01, 1e-6)
    return [low - room, high + room]
}

function logRange(low: number, high: number): [number, number] {
    if (!(low > 0) || !(high > 0)) return [1, 10]
    const pad = Math.max(Math.log(high / low) * 0.06, 0.02)
    return [low * Math.exp(-pad), high * Math.exp(pad)]
}

/** About so many round numbers, evenly spread on a logarithmic axis. */
function logTicks(low: number, high: number, wanted: number): number[] {
    const ticks = new Set<number>()
    for (let i = 0; i <= wanted; i++) {
        const value = low * (high / low) ** (i / wanted)
        const step = 10 ** Math.floor(Math.log10(Math.max(value * (high / low) ** (1 / wanted) - value, 1e-6)))
        const rounded = Math.round(value / step) * step
        if (rounded >= low && rounded <= high && rounded > 0) ticks.add(Number(rounded.toPrecision(6)))
    }
    return [...ticks]
}
