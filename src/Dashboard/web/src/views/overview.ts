import { card, el, say, scrollable, table } from '../dom'
import { bytes, count, duration, measuredOn, perplexity, plural, silence } from '../format'
import { lineColour } from '../colours'
import { LineChart } from '../charts/lines'
import type { Arm, Comparison, Num, Overview, Round } from '../types'
import type { Context, View } from './view'

export class OverviewView implements View {
    readonly element: HTMLElement
    private readonly state = el('p', { class: 'state' })
    private readonly tiles = el('dl', { class: 'tiles' })
    private readonly measured = el('p', { class: 'hint' })
    private readonly arms = el('div', { class: 'arms' })
    private readonly results = el('div', { class: 'stack' })
    private readonly chart = new LineChart({
        label: 'Mean perplexity over rounds, by arm',
        height: 280,
        scale: 'logarithmic',
        format: perplexity,
        axis: 'perplexity',
    })

    constructor(private readonly context: Context) {
        this.element = el(
            'div',
            { class: 'page' },
            card('This run', this.state, this.tiles),
            card('Progress', this.arms),
            card('Mean perplexity over rounds', this.measured, this.chart.element),
            this.results,
        )
        this.update()
    }

    update(): void {
        const { overview } = this.context.store
        say(this.state, sentence(overview))
        const arm = this.context.store.arm(this.context.arm)
        const { rounds } = this.context.store.rounds(this.context.arm)
        const missing = rounds.reduce((sum, round) => sum + round.missing, 0)
        this.setTiles([
            ['time left', overview.state === 'finished' ? 'none' : duration(overview.secondsLeft)],
            ['elapsed', duration(overview.elapsedSeconds)],
            ['trained tokens/s', overview.tokensPerSecond > 0 ? count(overview.tokensPerSecond) : '–'],
            ['users', count(arm.users)],
            ...newestMeasurement(arm, rounds),
            ['missing so far', count(missing)],
            ...(overview.peakMemoryBytes === null
                ? []
                : [['peak memory', bytes(overview.peakMemoryBytes)] as [string, string]]),
            ['seed', String(overview.seed)],
        ])
        this.arms.replaceChildren(...overview.arms.map(progress))
        say(this.measured, `On the way: ${measuredOn(arm)}.`)
        this.drawChart(overview.arms)
        this.results.replaceChildren(
            ...overview.comparisons.map(comparison =>
                card(`Perplexity, target: ${comparison.target}`, scrollable(comparison.target, results(comparison))),
            ),
        )
    }

    dispose(): void {
        this.chart.dispose()
    }

    private setTiles(tiles: [string, string][]): void {
        if (this.tiles.children.length !== tiles.length) {
            this.tiles.replaceChildren(...tiles.map(() => el('div', {}, el('dt'), el('dd'))))
        }
        tiles.forEach(([name, value], index) => {
            say(this.tiles.children[index]!.firstElementChild!, name)
            say(this.tiles.children[index]!.lastElementChild!, value)
        })
    }

    private drawChart(arms: Arm[]): void {
        const measured = arms
            .map(arm => ({
                arm,
                rounds: this.context.store.rounds(arm.label).rounds.filter(round => round.perplexity?.mean != null),
            }))
            .filter(({ rounds }) => rounds.length > 0)
        const all = [...new Set(measured.flatMap(({ rounds }) => rounds.map(round => round.round)))].sort(
            (a, b) => a - b,
        )
        const last = measured[0]
        this.chart.update({
            summary: last
                ? `${last.arm.label}: ${measurement(last.rounds[0]!)}, ${measurement(last.rounds.at(-1)!)}`
                : 'Nothing has been measured yet.',
            rounds: all,
            lines: measured.map(({ arm, rounds }, index) => {
                const byRound = new Map<number, Num>(rounds.map(round => [round.round, round.perplexity!.mean]))
                return {
                    name: arm.line,
                    colour: lineColour(index, measured.length),
                    values: all.map(round => byRound.get(round) ?? null),
                }
            }),
        })
    }
}

/** The newest round that measured; nothing before the first one, and in runs that measure at the end only. */
function newestMeasurement(arm: Arm, rounds: Round[]): [string, string][] {
    const last = rounds.findLast(round => round.perplexity?.mean != null)
    return last
        ? [[`perplexity, round ${last.round}, on a part of ${arm.targets[0]}`, perplexity(last.perplexity!.mean)]]
        : []
}

function measurement(round: Round): string {
    return `${perplexity(round.perplexity?.mean)} in round ${round.round}`
}

function sentence(overview: Overview): string {
    if (overview.state === 'finished') return overview.verdict ?? 'The run has finished.'
    if (overview.state === 'waiting')
        return `The run is starting: after ${duration(overview.quietSeconds)} no round has ended yet.`
    const arm = overview.arms.find(arm => arm.done < arm.rounds)
    const news = overview.state === 'quiet' ? ` ${silence(overview)}` : ''
    return arm
        ? `${arm.label}${news ? '' : ' goes on'}: ${arm.done} of ${plural(arm.rounds, 'round')}.${news}`
        : `The last figures are being taken.${news}`
}

function progress(arm: Arm): HTMLElement {
    return el(
        'div',
        { class: 'progress' },
        el('span', { class: 'name' }, arm.label),
        el('progress', { max: arm.rounds, value: arm.done, 'aria-label': `rounds of ${arm.label}` }),
        el('span', { class: 'figure' }, `${arm.done}/${arm.rounds}`),
    )
}

function results(comparison: Comparison): HTMLElement {
    const lowest = comparison.headings.map((_, column) =>
        Math.min(...comparison.rows.map(row => row.cells[column] ?? Infinity)),
    )
    const made = table(
        `Perplexity on ${comparison.target}, lowest in bold`,
        [{ name: 'method' }, ...comparison.headings.map(name => ({ name }))],
        comparison.rows.map(row => [row.name, ...row.cells.map(perplexity)]),
    )
    comparison.rows.forEach((row, index) =>
        row.cells.forEach((cell, column) => {
            if (cell === lowest[column]) made.tBodies[0]!.rows[index]!.cells[column + 1]!.classList.add('low')
        }),
    )
    return made
}
