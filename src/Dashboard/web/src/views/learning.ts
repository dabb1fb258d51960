import { card, el, say } from '../dom'
import { loss, measuredOn, percent, perplexity } from '../format'
import { lineColour } from '../colours'
import { HeatMap } from '../charts/heat'
import { LineChart } from '../charts/lines'
import type { Line } from '../charts/lines'
import type { Round } from '../types'
import type { Context, View } from './view'

export class LearningView implements View {
    readonly element: HTMLElement
    private readonly perplexities = new LineChart({
        label: 'Perplexity over rounds, by user',
        height: 340,
        scale: 'logarithmic',
        format: perplexity,
        axis: 'perplexity',
    })
    private readonly losses = new LineChart({
        label: 'Train loss over rounds, nats per token',
        height: 200,
        scale: 'near',
        format: loss,
        axis: 'nats per token',
    })
    private readonly shares = new HeatMap('Tokens whose first expert is the generalist, by block and round', 'block')
    private readonly measuredOn = el('p', { class: 'hint' })
    private readonly sharesCard: HTMLElement

    constructor(private readonly context: Context) {
        this.sharesCard = card(
            'Generalist share per block',
            el(
                'p',
                { class: 'hint' },
                'Share of measured tokens whose first expert is the generalist, mean over users.',
            ),
            this.shares.element,
        )
        this.element = el(
            'div',
            { class: 'page' },
            card('Perplexity per user', this.measuredOn, this.perplexities.element),
            this.sharesCard,
            card('Train loss', this.losses.element),
        )
        this.update()
    }

    update(): void {
        say(this.measuredOn, `On the way: ${measuredOn(this.context.store.arm(this.context.arm))}.`)
        const { users, rounds } = this.context.store.rounds(this.context.arm)
        const measured = rounds.filter(round => round.perplexity !== null)
        const isByUser = users.length > 0
        const last = measured.at(-1)
        this.perplexities.update({
            summary: last
                ? `Round ${last.round}: mean ${perplexity(last.perplexity!.mean)}, half of the users between ` +
                  `${perplexity(last.perplexity!.quantiles[1])} and ${perplexity(last.perplexity!.quantiles[3])}`
                : 'Nothing has been measured yet.',
            rounds: measured.map(round => round.round),
            ...(isByUser ? { lines: byUser(users, measured) } : bands(measured)),
        })
        this.losses.update({
            summary: rounds.length
                ? `Round ${rounds.at(-1)!.round}: ${loss(rounds.at(-1)!.loss)} nats per token`
                : 'No round yet.',
            rounds: rounds.map(round => round.round),
            lines: [{ name: 'train loss', colour: 'var(--line-0)', values: rounds.map(round => round.loss) }],
        })
        this.drawShares(measured.filter(round => round.generalistShare.length > 0))
    }

    dispose(): void {
        this.perplexities.dispose()
        this.losses.dispose()
    }

    private drawShares(routed: Round[]): void {
        this.sharesCard.hidden = routed.length === 0
        const last = routed.at(-1)
        if (!last) return
        const blocks = last.generalistShare.map((_, block) =>
            routed.map(round => round.generalistShare[block] ?? null),
        )
        const shares = last.generalistShare.map(Number)
        const mean =
            last.generalistShare.reduce<number>((sum, share) => sum + (share ?? 0), 0) / last.generalistShare.length
        this.shares.update(
            routed.map(round => round.round),
            blocks,
            `Round ${last.round}: ${percent(mean)} over all blocks, from ` +
                `${percent(Math.min(...shares))} to ${percent(Math.max(...shares))}`,
        )
    }
}

function byUser(users: string[], measured: Round[]): Line[] {
    const lines = users
        .map((name, index) => ({
            name,
            colour: lineColour(index, users.length),
            width: users.length > 12 ? 1.2 : 2,
            values: measured.map(round => round.each?.[index] ?? null),
        }))
        .filter(line => line.values.some(value => value !== null))
    return lines
}

function bands(measured: Round[]) {
    const colour = 'var(--line-0)'
    const names = ['5 % of users below', '25 %', 'median', '75 %', '95 %']
    const lines: Line[] = names.map((name, index) => ({
        name,
        colour: index === 2 ? colour : 'var(--band-edge)',
        width: index === 2 ? 2.5 : 1,
        values: measured.map(round => round.perplexity!.quantiles[index] ?? null),
    }))
    const mean = {
        name: 'mean',
        colour: 'var(--line-1)',
        dash: [6, 4],
        values: measured.map(round => round.perplexity!.mean),
    }
    return {
        lines: [...lines, mean],
        bands: [
            { between: [4, 0] as [number, number], colour: 'var(--band-wide)' },
            { between: [3, 1] as [number, number], colour: 'var(--band-narrow)' },
        ],
    }
}
