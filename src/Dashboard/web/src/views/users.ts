import { AsTable, card, el, say, table } from '../dom'
import { bytes, count, loss, percent, perplexity, plural, seconds } from '../format'
import { LineChart } from '../charts/lines'
import { sparkline } from '../charts/spark'
import { VirtualList } from '../virtual'
import { PHASES } from '../types'
import type { UserCard, UserRound, UserRow } from '../types'
import type { Context, View } from './view'

const ROW_HEIGHT = 36
const SORTS: [string, string][] = [
    ['id', 'name'],
    ['perplexity', 'perplexity'],
    ['loss', 'train loss'],
    ['seconds', 'seconds in its last round'],
    ['rounds', 'rounds'],
    ['missed', 'rounds missed'],
]

export class UsersView implements View {
    readonly element: HTMLElement
    private readonly search = el('input', {
        type: 'search',
        id: 'search',
        placeholder: 'part of a name',
        autocomplete: 'off',
    })
    private readonly sort = el(
        'select',
        { id: 'sort' },
        ...SORTS.map(([value, name]) => el('option', { value }, name)),
    )
    private readonly descending = el('input', { type: 'checkbox', id: 'descending' })
    private readonly total = el('p', { class: 'hint', role: 'status' })
    private readonly list: VirtualList<UserRow>
    private readonly detail = el('div', { class: 'detail', 'aria-live': 'polite' })
    private readonly history = new LineChart({
        label: 'This user’s perplexity over rounds',
        height: 180,
        format: perplexity,
        scale: 'logarithmic',
    })
    private chosen: string | null
    private readonly rows = new Map<number, UserRow>()
    private shownArm = ''
    private shownDone = -1

    constructor(private readonly context: Context) {
        this.chosen = context.parameter('user')
        this.list = new VirtualList<UserRow>(
            'Users',
            ROW_HEIGHT,
            (offset, length) => this.fetch(offset, length),
            (element, row, index) => this.drawRow(element, row, index),
            problem => say(this.total, problem.message),
        )
        this.list.element.addEventListener('keydown', event => this.press(event))
        for (const input of [this.search, this.sort, this.descending]) {
            input.addEventListener('input', () => void this.list.reset())
        }
        this.element = el(
            'div',
            { class: 'page two' },
            card(
                'Users',
                el(
                    'div',
                    { class: 'controls' },
                    el('label', { for: 'search' }, 'Find'),
                    this.search,
                    el('label', { for: 'sort' }, 'by'),
                    this.sort,
                    el('span', { class: 'pair' }, this.descending, el('label', { for: 'descending' }, 'largest first')),
                ),
                this.total,
                el(
                    'div',
                    { class: 'row head', 'aria-hidden': 'true' },
                    ...['user', 'perplexity', 'over time', 'loss', 'rounds', 'missed'].map(name =>
                        el('span', { class: name.replaceAll(' ', '-') }, name),
                    ),
                ),
                this.list.element,
            ),
            card('Card', this.detail),
        )
        this.update()
    }

    update(): void {
        const arm = this.context.store.arm(this.context.arm)
        if (this.shownArm === arm.label && this.shownDone === arm.done) return
        const isOther = this.shownArm !== arm.label
        ;[this.shownArm, this.shownDone] = [arm.label, arm.done]
        void (isOther ? this.list.reset() : this.list.refresh())
        void this.showCard()
    }

    dispose(): void {
        this.history.dispose()
    }

    private async fetch(offset: number, length: number) {
        const { source } = this.context.store
        const page = await source.users(this.context.arm, {
            search: this.search.value.trim(),
            sort: this.sort.value,
            isDescending: this.descending.checked,
            offset,
            count: length,
        })
        const known = source.knownUsers(this.context.arm)
        const arm = this.context.store.arm(this.context.arm)
        const part =
            known !== null && known < arm.users
                ? ` The report has the first ${count(known)} of ${count(arm.users)}.`
                : ''
        say(this.total, `${plural(page.total, 'user')}.${part}`)
        if (this.chosen === null && page.rows[0]) void this.choose(page.rows[0].id)
        return page
    }

    private drawRow(element: HTMLElement, row: UserRow | undefined, index: number): void {
        const key = row
            ? JSON.stringify([row.id, row.rounds, row.missed, row.perplexity, row.id === this.chosen])
            : ''
        if (element.dataset['key'] === key && key) return
        element.dataset['key'] = key
        if (!row) {
            element.replaceChildren(el('span', { class: 'user' }, '…'))
            return
        }
        this.rows.set(index, row)
        const isChosen = row.id === this.chosen
        element.classList.toggle('chosen', isChosen)
        const button = el(
            'button',
            {
                type: 'button',
                class: 'user link',
                title: row.id,
                'data-index': index,
                'aria-pressed': isChosen ? 'true' : 'false',
                onclick: () => {
                    this.context.note(this, { user: row.id })
                    void this.choose(row.id)
                },
            },
            row.id,
        )
        element.replaceChildren(
            button,
            el('span', { class: 'perplexity' }, perplexity(row.perplexity)),
            row.perplexities.length > 0 ? sparkline(row.perplexities) : el('span', { class: 'spark' }),
            el('span', { class: 'loss' }, loss(row.loss)),
            el('span', { class: 'rounds' }, count(row.rounds)),
            el('span', { class: 'missed' }, row.missed ? count(row.missed) : ''),
        )
    }

    /** Up and down from user to user. */
    private press(event: KeyboardEvent): void {
        const from = Number((event.target as HTMLElement).dataset['index'] ?? -1)
        const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: this.list.length - 1 }[event.key]
        if (to === undefined || to < 0 || to >= this.list.length) return
        event.preventDefault()
        this.list.reveal(to)?.querySelector('button')?.focus()
    }

    private async choose(user: string): Promise<void> {
        this.chosen = user
        history.replaceState(null, '', `#/users?${new URLSearchParams({ arm: this.context.arm, user })}`)
        void this.list.refresh()
        await this.showCard()
    }

    private async showCard(): Promise<void> {
        const user = this.chosen
        if (user === null) return
        try {
            const answer = await this.context.store.source.user(this.context.arm, user)
            if (user === this.chosen) this.drawCard(answer)
        } catch (problem) {
            this.detail.replaceChildren(el('p', { class: 'hint' }, (problem as Error).message))
        }
    }

    private drawCard(answer: UserCard): void {
        const { user, device } = answer
        const facts: [string, string][] = [
            [
                'experts',
                user.experts > 1 ? `a generalist and ${plural(user.experts - 1, 'specialist')}` : 'one',
            ],
            ['rank', `${user.mlpRank} in experts, ${user.attentionRank} in attention`],
            ['data', `${user.data}, ${percent(answer.share)} of its train text`],
            ['a round', `${plural(answer.localSteps, 'step')} of ${plural(answer.microBatch, 'sequence')}`],
            ['measured on', answer.targets.join(', ')],
            ['weight in the mean', answer.weight.toFixed(2)],
            [
                'device',
                device
                    ? `${device.class}: ${(device.flops / 1e9).toFixed(1)} GFLOP/s, ` +
                      `${bytes(device.downBytesPerSecond)}/s down, ${bytes(device.upBytesPerSecond)}/s up, ` +
                      `available ${answer.availability ?? 'always'}`
                    : 'none: no virtual clock',
            ],
            ['rounds', `${count(user.rounds)}, missed ${count(user.missed)}`],
        ]
        if (!user.trains) facts.push(['training', 'does not train itself; takes what the others have learned'])
        this.detail.replaceChildren(
            el('h3', {}, user.id),
            el(
                'dl',
                { class: 'facts' },
                ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]),
            ),
            this.history.element,
            el(
                'p',
                {},
                el(
                    'button',
                    {
                        type: 'button',
                        hidden: !this.context.store.source.isLive,
                        onclick: () => this.context.open('tokens', { user: user.id }),
                    },
                    'Follow a text',
                ),
            ),
            new AsTable(() => historyTable(answer), 'Every round as a table').element,
        )
        const measured = answer.history.filter(round => round.perplexity !== null)
        this.history.update({
            summary: measured.length
                ? `${measurement(measured[0]!)}, ${measurement(measured.at(-1)!)}`
                : 'It has not been measured on the way.',
            rounds: measured.map(round => round.round),
            lines: [
                { name: 'perplexity', colour: 'var(--line-0)', values: measured.map(round => round.perplexity) },
            ],
        })
    }
}

function measurement(round: UserRound): string {
    return `${perplexity(round.perplexity)} in round ${round.round}`
}

function historyTable(answer: UserCard): HTMLElement {
    return table(
        `Rounds of ${answer.user.id}`,
        [
            { name: 'round' },
            { name: 'what', isText: true },
            ...['loss', 'perplexity', 'seconds', ...PHASES].map(name => ({ name })),
        ],
        answer.history.map(round => [
            String(round.round),
            round.fault ? `${round.state}: ${round.fault}` : round.state,
            loss(round.loss),
            perplexity(round.perplexity),
            seconds(round.seconds),
            ...PHASES.map((_, phase) => seconds(round.phases?.[phase])),
        ]),
    )
}
