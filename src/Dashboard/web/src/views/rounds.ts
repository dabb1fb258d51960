import { AsTable, card, el, say, scrollable, table } from '../dom'
import { count, loss, plural, seconds } from '../format'
import { LineChart } from '../charts/lines'
import { VirtualList, buttonOf } from '../virtual'
import { PHASES } from '../types'
import type { Line } from '../charts/lines'
import type { Page } from '../virtual'
import type { Arm, Num, Round, Waterfall, WaterfallRow } from '../types'
import type { Context, View } from './view'

const ROW_HEIGHT = 28

interface Part extends Page<WaterfallRow> {
    answer: Waterfall
}

export class RoundsView implements View {
    readonly element: HTMLElement
    private readonly timeline: LineChart
    private readonly slider = el('input', { type: 'range', min: 1, max: 1, value: 1, id: 'round' })
    /** The slider says it, when it is moved. */
    private readonly chosen = el('output', { for: 'round', 'aria-live': 'off' })
    private readonly latest = el('button', { type: 'button', class: 'quiet' }, 'Newest')
    private readonly facts = el('p', { class: 'hint' })
    /** A device's time on the virtual clock is one piece. */
    private readonly legend = phaseLegend()
    private readonly longest = el('span')
    private readonly times = el(
        'p',
        { class: 'times', 'aria-hidden': 'true' },
        el('span'),
        el('span', {}, el('span', {}, '0'), this.longest),
    )
    private readonly note = el('p', { class: 'hint', role: 'status' })
    private readonly list: VirtualList<WaterfallRow, Part>
    private readonly asTable = new AsTable(() => this.table())
    /** Where in the bars, from 0 to 1; null: far beyond them. */
    private deadline: number | null = null
    private readonly faults = scrollable('faults and missing users')
    private round: number | null = null
    private isFollowing = true
    private scale = 1
    private shownRound = ''

    constructor(private readonly context: Context) {
        this.timeline = new LineChart({
            label: 'Where rounds took their time, and who was missing',
            height: 240,
            scale: 'zero',
            format: seconds,
            axis: 'time',
            axisRight: 'users, faults',
            formatRight: count,
            chosen: round => this.choose(round),
        })
        this.list = new VirtualList<WaterfallRow, Part>(
            'Users of the round, the slowest first',
            ROW_HEIGHT,
            (offset, length) => this.fetch(offset, length),
            ({ answer }) => this.head(answer),
            (element, row) => this.drawRow(element, row),
            problem => say(this.note, problem.message),
        )
        this.slider.addEventListener('input', () => this.choose(Number(this.slider.value)))
        this.latest.addEventListener('click', () => this.choose(null))
        this.element = el(
            'div',
            { class: 'page' },
            card(
                'Rounds',
                el('p', { class: 'hint' }, 'Click a round, or use the slider, to see its users below.'),
                this.timeline.element,
            ),
            card(
                'Where the round’s time went',
                el(
                    'div',
                    { class: 'controls' },
                    el('label', { for: 'round' }, 'Round'),
                    this.slider,
                    this.chosen,
                    this.latest,
                ),
                this.facts,
                this.legend,
                el('div', { class: 'waterfall' }, this.times, this.list.element),
                this.note,
                this.asTable.element,
            ),
            card('Faults and missing users', this.faults),
        )
        const asked = Number(context.parameter('round'))
        if (asked > 0) [this.round, this.isFollowing] = [asked, false]
        this.update()
    }

    update(): void {
        const { rounds } = this.context.store.rounds(this.context.arm)
        this.drawTimeline(rounds)
        this.drawFaults(rounds)
        const known = this.context.store.source.waterfallRounds(this.context.arm)
        const newest = known ? known.at(-1) : rounds.at(-1)?.round
        if (this.isFollowing || !rounds.some(round => round.round === this.round)) this.round = newest ?? null
        this.slider.max = String(Math.max(1, rounds.at(-1)?.round ?? 1))
        this.slider.disabled = rounds.length === 0
        this.drawRound()
        this.asTable.update()
    }

    dispose(): void {
        this.timeline.dispose()
    }

    private choose(round: number | null): void {
        this.isFollowing = round === null
        this.round = round
        this.context.note(this, { round: round === null ? null : String(round) })
        this.update()
    }

    private drawRound(): void {
        const figures = this.context.store.rounds(this.context.arm).rounds.find(round => round.round === this.round)
        const arm = this.context.store.arm(this.context.arm)
        if (!figures) {
            say(this.facts, 'No round has ended yet.')
            return
        }
        this.slider.value = String(figures.round)
        say(this.chosen, `${figures.round}`)
        say(this.facts, describe(figures, arm))
        this.legend.hidden = !this.isWall()
        const shown = `${this.context.arm} ${figures.round}`
        if (shown === this.shownRound) return
        this.shownRound = shown
        say(this.note, '')
        void (this.isFollowing ? this.list.replace() : this.list.reset())
    }

    private async fetch(offset: number, length: number): Promise<Part> {
        const answer = await this.context.store.source.waterfall(this.context.arm, this.round!, offset, length)
        return { total: answer.held ?? answer.total, rows: answer.rows, answer }
    }

    private head(answer: Waterfall): void {
        const held = answer.held ?? answer.total
        const arm = this.context.store.arm(this.context.arm)
        const longest = answer.longest ?? 1
        const deadline = arm.deadlineSeconds ?? Infinity
        const isNear = deadline <= 2 * longest
        this.scale = Math.max(isNear ? deadline * 1.02 : 0, longest, 1e-6)
        this.deadline = isNear ? deadline / this.scale : null
        say(this.longest, seconds(this.scale))
        say(
            this.note,
            held < answer.total
                ? `The report has ${count(held)} of ${count(answer.total)} users of this round: ` +
                  'who did not take part, and the slowest.'
                : '',
        )
    }

    private drawRow(element: HTMLElement, row: WaterfallRow | undefined): void {
        const key = row ? JSON.stringify([row, this.scale, this.deadline]) : ''
        if (element.dataset['key'] === key && key) return
        element.dataset['key'] = key
        element.classList.toggle('absent', row !== undefined && row.state !== 'took part')
        if (!row) {
            element.replaceChildren(el('span', { class: 'name' }, '…'))
            return
        }
        const button = buttonOf(element, 'name link', user => this.context.open('users', { user }))
        button.title = `Card of ${row.id}`
        button.setAttribute('aria-label', spoken(row, this.isWall()))
        say(button, row.id)
        const absence =
            row.state === 'missing'
                ? 'missing'
                : `${row.state === 'late' ? 'late' : 'not needed'}, ${seconds(row.seconds)}`
        const tookPart = row.state === 'took part'
        const fault = row.fault ?? (tookPart ? '' : absence)
        const figure = el(
            'span',
            { class: 'figure', 'aria-hidden': 'true', title: fault },
            tookPart ? seconds(row.seconds) : fault,
        )
        figure.classList.toggle('faulty', tookPart && fault !== '')
        button.after(this.bar(row), figure)
    }

    private bar(row: WaterfallRow): HTMLElement {
        const bar = el('span', { class: 'bar', 'aria-hidden': 'true' })
        const segments =
            row.phases && row.phases.some(phase => phase > 0) && this.isWall()
                ? row.phases
                : row.seconds === null
                  ? []
                  : [row.seconds]
        segments.forEach((length, phase) => {
            const part = el('i', {
                class: segments.length > 1 ? `phase-${phase}` : row.state === 'took part' ? 'phase-whole' : 'absent',
            })
            part.style.width = `${Math.min(100, (length / this.scale) * 100)}%`
            bar.append(part)
        })
        if (this.deadline !== null) {
            const mark = el('i', { class: 'deadline' })
            mark.style.left = `${this.deadline * 100}%`
            bar.append(mark)
        }
        return bar
    }

    private isWall(): boolean {
        return this.context.store.arm(this.context.arm).clock === 'wall'
    }

    /** On one clock: seconds of both would not be on one scale. */
    private drawTimeline(rounds: Round[]): void {
        const isWall = this.isWall()
        const length = (round: Round) => (isWall ? round.seconds : (round.simulatedSeconds ?? 0))
        const slowest = rounds.reduce<Round | undefined>(
            (most, round) => (most && length(most) >= length(round) ? most : round),
            undefined,
        )
        const missing = rounds.map(round => (round.missing > 0 ? round.missing : null))
        const faults = rounds.map(round => (round.faultCount > 0 ? round.faultCount : null))
        this.timeline.update({
            summary: slowest
                ? `${plural(rounds.length, 'round')}; the longest was round ${slowest.round} ` +
                  `with ${seconds(length(slowest))}${isWall ? '' : ' on the virtual clock'}; ` +
                  `${plural(rounds.filter(round => round.missing > 0).length, 'round')} with missing users`
                : 'No round yet.',
            rounds: rounds.map(round => round.round),
            lines: [
                ...(isWall ? wallBars(rounds) : simulatedBars(rounds)),
                ...countsOf('users missing', '--line-3', missing),
                ...countsOf('faults', '--line-1', faults),
            ],
        })
    }

    private drawFaults(rounds: Round[]): void {
        const shown = 200
        const rows = rounds
            .filter(round => round.missCount > 0 || round.failure)
            .reverse()
            .flatMap(round => [
                ...round.misses.map(miss => [
                    String(round.round),
                    miss.user ?? 'the server',
                    miss.kind ?? (miss.state && !miss.detected ? miss.state : 'not planned'),
                    [miss.detected ?? (miss.kind ? 'not noticed' : 'by the deadline'), miss.kind ? miss.state : null]
                        .filter(part => part)
                        .join('; '),
                    seconds(miss.seconds),
                ]),
                ...(round.failure ? [[String(round.round), 'the round', round.failure, 'too few answers', '–']] : []),
            ])
        if (rows.length === 0) {
            const surplus = rounds.reduce((sum, round) => sum + round.surplus, 0)
            const others =
                surplus > 0
                    ? `whose answer was needed took part; ${count(surplus)} were not`
                    : 'who was asked took part'
            this.faults.replaceChildren(el('p', { class: 'hint' }, `None so far: everybody ${others}.`))
            return
        }
        // Of a round with many faults only the first are known here.
        const unknown = rounds.reduce((sum, round) => sum + round.missCount - round.misses.length, 0)
        this.faults.replaceChildren(
            table(
                `${count(Math.min(rows.length, shown))} of ${count(rows.length + unknown)}, the newest rounds first` +
                    (unknown > 0 ? ', of a round only its first' : ''),
                [
                    { name: 'round' },
                    { name: 'who', isText: true },
                    { name: 'what', isText: true },
                    { name: 'how it was noticed', isText: true },
                    { name: 'after' },
                ],
                rows.slice(0, shown),
            ),
        )
    }

    private table(): HTMLElement {
        const { rounds } = this.context.store.rounds(this.context.arm)
        return table(
            'Rounds',
            [
                { name: 'round' },
                ...['training', 'measuring', 'loss', 'users', 'missing'].map(name => ({ name })),
                { name: 'slowest user', isText: true },
                ...PHASES.map(name => ({ name: `${name}, all users` })),
            ],
            rounds.map(round => [
                String(round.round),
                seconds(round.seconds),
                seconds(round.evaluationSeconds),
                loss(round.loss),
                count(round.users),
                count(round.missing),
                round.slowest ? `${round.slowest.id} ${seconds(round.slowest.seconds)}` : '–',
                ...PHASES.map((_, phase) => seconds(round.phases?.[phase])),
            ]),
        )
    }
}

function wallBars(rounds: Round[]): Line[] {
    return [
        {
            name: 'training and measuring',
            colour: 'var(--line-4)',
            kind: 'bars',
            values: rounds.map(round => round.seconds + round.evaluationSeconds),
        },
        { name: 'training', colour: 'var(--line-0)', kind: 'bars', values: rounds.map(round => round.seconds) },
    ]
}

function simulatedBars(rounds: Round[]): Line[] {
    return [
        {
            name: 'on the virtual clock',
            colour: 'var(--line-2)',
            kind: 'bars',
            values: rounds.map(round => round.simulatedSeconds),
        },
    ]
}

/** Counts on the right-hand axis, if there are any. */
function countsOf(name: string, colour: string, values: Num[]): Line[] {
    return values.some(value => value !== null)
        ? [{ name, colour: `var(${colour})`, kind: 'points', isRight: true, isHollow: name !== 'faults', values }]
        : []
}

function describe(round: Round, arm: Arm): string {
    const took = `${plural(round.users, 'user')} took part${round.missing ? `, ${count(round.missing)} did not` : ''}`
    const simulated =
        round.simulatedSeconds === null ? '' : `, ${seconds(round.simulatedSeconds)} on the virtual clock`
    const clock = arm.clock === 'simulated' ? ' on the virtual clock' : ''
    const deadline =
        arm.deadlineSeconds === null
            ? `no deadline${clock}.`
            : `deadline ${seconds(arm.deadlineSeconds)}${clock}, dashed where it is near.`
    return (
        `${took}; training ${seconds(round.seconds)}, measuring ${seconds(round.evaluationSeconds)}${simulated}; ` +
        deadline
    )
}

function phaseLegend(): HTMLElement {
    return el(
        'ul',
        { class: 'legend', 'aria-label': 'phases' },
        ...PHASES.map((name, phase) =>
            el('li', {}, el('span', { class: `swatch bars phase-${phase}`, 'aria-hidden': 'true' }), name),
        ),
    )
}

function spoken(row: WaterfallRow, isWall: boolean): string {
    const fault = row.fault ? `, ${row.fault}` : ''
    if (row.state !== 'took part') return `${row.id}: ${row.state}${fault}`
    const phases = (isWall ? row.phases : null)
        ?.map((length, phase) => `${PHASES[phase]} ${seconds(length)}`)
        .join(', ')
    return `${row.id}: ${seconds(row.seconds)}${phases ? `, of which ${phases}` : ''}${fault}`
}
