import { AsTable, card, el, say, table } from '../dom'
import { bytes, count, loss, measuredOn, percent, perplexity, plural, seconds } from '../format'
import { LineChart } from '../charts/lines'
import { sparkline } from '../charts/spark'
import { VirtualList, buttonOf } from '../virtual'
import { PHASES } from '../types'
import type { UserCard, UserRound, UserRow, UsersPage } from '../types'
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
    private readonly list: VirtualList<UserRow, UsersPage>
    private readonly problem = el('p', { class: 'hint', hidden: true })
    /** Read out when it is another one. */
    private readonly name = el('h3', { 'aria-live': 'polite' })
    private readonly facts = el('dl', { class: 'facts' })
    private readonly history = new LineChart({
        label: 'This user’s perplexity over rounds',
        height: 180,
        format: perplexity,
        axis: 'perplexity',
        scale: 'logarithmic',
    })
    private readonly everyRound = new AsTable(() => historyTable(this.answer!), 'Every round as a table')
    private readonly detail: HTMLElement
    private chosen: string | null
    private answer: UserCard | null = null
    private asked = 0
    private shownArm = ''
    private shownDone = -1

    constructor(private readonly context: Context) {
        this.chosen = context.parameter('user')
        this.list = new VirtualList<UserRow, UsersPage>(
            'Users',
            ROW_HEIGHT,
            (offset, length) => this.fetch(offset, length),
            page => this.head(page),
            (element, row) => this.drawRow(element, row),
            problem => say(this.total, problem.message),
        )
        for (const input of [this.search, this.sort, this.descending]) {
            input.addEventListener('input', () => void this.list.reset())
        }
        this.detail = el(
            'div',
            { hidden: true },
            this.name,
            this.facts,
            this.history.element,
            el(
                'p',
                {},
                el(
                    'button',
                    {
                        type: 'button',
                        hidden: !context.store.source.isLive,
                        onclick: () => context.open('tokens', { user: this.answer!.user.id }),
                    },
                    'Follow a text',
                ),
            ),
            this.everyRound.element,
        )
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
                    el('label', { for: 'sort' }, 'Sort by'),
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
            card('Card', this.problem, this.detail),
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
        this.asked++
        this.history.dispose()
    }

    private fetch(offset: number, length: number): Promise<UsersPage> {
        return this.context.store.source.users(this.context.arm, {
            search: this.search.value.trim(),
            sort: this.sort.value,
            isDescending: this.descending.checked,
            offset,
            count: length,
        })
    }

    private head(page: UsersPage): void {
        const { source } = this.context.store
        const known = source.knownUsers(this.context.arm)
        const arm = this.context.store.arm(this.context.arm)
        const part =
            known !== null && known < arm.users
                ? ` The report has the first ${count(known)} of ${count(arm.users)}.`
                : ''
        say(this.total, `${plural(page.total, 'user')}.${part}`)
        // Nobody has asked for it: it is not in the address, from where it would go to other pages.
        if (this.chosen === null && page.rows[0]) this.show(page.rows[0].id)
    }

    private drawRow(element: HTMLElement, row: UserRow | undefined): void {
        const isChosen = row !== undefined && row.id === this.chosen
        const key = row ? JSON.stringify([row.id, row.rounds, row.missed, row.loss, row.perplexity, isChosen]) : ''
        if (element.dataset['key'] === key && key) return
        element.dataset['key'] = key
        element.classList.toggle('chosen', isChosen)
        if (!row) {
            element.replaceChildren(el('span', { class: 'user' }, '…'))
            return
        }
        const button = buttonOf(element, 'user link', user => this.choose(user))
        button.title = row.id
        button.setAttribute('aria-pressed', String(isChosen))
        button.setAttribute('aria-label', spoken(row))
        say(button, row.id)
        button.after(
            figure('perplexity', perplexity(row.perplexity)),
            row.perplexities.length > 0 ? sparkline(row.perplexities) : figure('spark', ''),
            figure('loss', loss(row.loss)),
            figure('rounds', count(row.rounds)),
            figure('missed', row.missed ? count(row.missed) : ''),
        )
    }

    private choose(user: string): void {
        this.context.note(this, { user })
        this.show(user)
    }

    private show(user: string): void {
        this.chosen = user
        this.list.redraw()
        void this.showCard()
    }

    private async showCard(): Promise<void> {
        const user = this.chosen
        if (user === null) return
        const asked = ++this.asked
        try {
            const answer = await this.context.store.source.user(this.context.arm, user)
            if (asked !== this.asked) return
            this.drawCard(answer)
            this.problem.hidden = true
        } catch (problem) {
            if (asked !== this.asked) return
            this.detail.hidden = this.answer?.user.id !== user
            this.problem.hidden = false
            say(this.problem, (problem as Error).message)
        }
    }

    private drawCard(answer: UserCard): void {
        const { user, device } = answer
        this.answer = answer
        this.detail.hidden = false
        say(this.name, user.id)
        const facts: [string, string][] = [
            [
                'experts',
                user.experts > 1 ? `a generalist and ${plural(user.experts - 1, 'specialist')}` : 'one',
            ],
            ['rank', `${user.mlpRank} in experts, ${user.attentionRank} in attention`],
            ['data', `${user.data}, ${percent(answer.share)} of its train text`],
            ['a round', `${plural(answer.localSteps, 'step')} of ${plural(answer.microBatch, 'sequence')}`],
            ['measured on', answer.targets.join(', ')],
            ['on the way', measuredOn(this.context.store.arm(this.context.arm))],
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
        this.setFacts(facts)
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
        this.everyRound.update()
    }

    private setFacts(facts: [string, string][]): void {
        if (this.facts.children.length !== 2 * facts.length) {
            this.facts.replaceChildren(...facts.flatMap(() => [el('dt'), el('dd')]))
        }
        facts.flat().forEach((text, index) => say(this.facts.children[index]!, text))
    }
}

/** The button says it. */
function figure(name: string, text: string): HTMLElement {
    return el('span', { class: name, 'aria-hidden': 'true' }, text)
}

function spoken(row: UserRow): string {
    return (
        `${row.id}, perplexity ${perplexity(row.perplexity)}, loss ${loss(row.loss)}, ` +
        `${plural(row.rounds, 'round')}, ${count(row.missed)} missed`
    )
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
