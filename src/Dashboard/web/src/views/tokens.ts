import { AsTable, card, el, say, table } from '../dom'
import { expert, percent, plural } from '../format'
import { shade } from '../colours'
import type { Trace } from '../types'
import type { Context, View } from './view'

const MOST_USERS = 6
/** What a token says that has no text: the character belongs to the last of its tokens. */
const PART = 'part of a character'

/** Any text, every token in the colour of its first expert, block by block, users side by side. */
export class TokensView implements View {
    readonly element: HTMLElement
    private readonly text = el('textarea', { id: 'text', rows: 3, spellcheck: 'false', maxlength: 4000 })
    private readonly users = el('input', { id: 'users', autocomplete: 'off' })
    private readonly blocks = el('select', { id: 'blocks' })
    private readonly note = el('p', { class: 'hint', role: 'status' })
    private readonly legend = el('ul', { class: 'legend', 'aria-label': 'experts' })
    private readonly readout = el('p', { class: 'readout sticky', 'aria-live': 'polite' })
    private readonly grid = el('div', { class: 'traces' })
    private readonly asTable = new AsTable(() => this.table())
    private traces: Trace[] = []
    private passage = 0
    private shownArm = ''
    /** An answer counts if nothing was asked for since. */
    private asked = 0

    constructor(private readonly context: Context) {
        const { source } = context.store
        this.blocks.addEventListener('input', () => this.draw())
        this.grid.addEventListener('pointerover', event => this.read(event.target as HTMLElement))
        this.grid.addEventListener('keydown', event => this.step(event))
        const controls = source.isLive
            ? el(
                  'form',
                  {
                      class: 'controls column',
                      onsubmit: event => {
                          event.preventDefault()
                          void this.follow()
                      },
                  },
                  el('label', { for: 'text' }, 'Text'),
                  this.text,
                  el(
                      'div',
                      { class: 'controls' },
                      el('label', { for: 'users' }, 'Users'),
                      this.users,
                      el('button', { type: 'submit' }, 'Follow'),
                      el(
                          'button',
                          { type: 'button', class: 'quiet', onclick: () => void this.takePassage() },
                          'A passage of the test set',
                      ),
                  ),
              )
            : el(
                  'p',
                  { class: 'hint' },
                  'Where the tokens of the users’ samples went when the run ended. ' +
                      'The dashboard follows any text: ./comigs dashboard with this folder.',
              )
        this.element = el(
            'div',
            { class: 'page' },
            card(
                'Which expert every token goes to',
                controls,
                this.note,
                el('div', { class: 'controls' }, el('label', { for: 'blocks' }, 'Show'), this.blocks, this.legend),
                this.readout,
                this.grid,
                this.asTable.element,
            ),
        )
        this.update()
    }

    update(): void {
        if (this.shownArm === this.context.arm) return
        this.shownArm = this.context.arm
        const { source, overview } = this.context.store
        const main = overview.arms[0]!.label
        if (source.isLive) void this.begin()
        else if (source.traces.length === 0) this.show([], 'This run followed no samples.')
        else if (this.shownArm === main) this.show(source.traces, '')
        else this.show([], `Samples were followed in the main arm only, ${main}.`)
    }

    dispose(): void {
        this.asked++
    }

    /** The user that was asked for, or the first few with texts of their own. */
    private async begin(): Promise<void> {
        const user = this.context.parameter('user')
        const asked = ++this.asked
        try {
            const { rows } = await this.context.store.source.users(this.context.arm, {
                search: '',
                sort: 'id',
                isDescending: false,
                offset: 0,
                count: 100,
            })
            if (asked !== this.asked) return
            const different = rows.filter((row, index) => rows.findIndex(other => other.data === row.data) === index)
            const shown = 3
            this.users.value =
                user ??
                different
                    .slice(0, shown)
                    .map(row => row.id)
                    .join(', ')
            await this.takePassage()
        } catch (problem) {
            this.fail(asked, problem as Error)
        }
    }

    private names(): string[] {
        return [
            ...new Set(
                this.users.value
                    .split(',')
                    .map(name => name.trim())
                    .filter(name => name),
            ),
        ].slice(0, MOST_USERS)
    }

    private async takePassage(): Promise<void> {
        const first = this.names()[0]
        if (!first) return say(this.note, 'Name at least one user.')
        const asked = ++this.asked
        try {
            const text = await this.context.store.source.passage(this.context.arm, first, this.passage++)
            if (asked !== this.asked) return
            this.text.value = text
            await this.follow()
        } catch (problem) {
            this.fail(asked, problem as Error)
        }
    }

    private async follow(): Promise<void> {
        const names = this.names()
        if (names.length === 0) return say(this.note, 'Name at least one user.')
        say(this.note, 'Following …')
        const asked = ++this.asked
        try {
            const { source } = this.context.store
            const traces = await Promise.all(
                names.map(name => source.trace(this.context.arm, name, this.text.value)),
            )
            if (asked === this.asked) this.show(traces, '')
        } catch (problem) {
            this.fail(asked, problem as Error)
        }
    }

    private fail(asked: number, problem: Error): void {
        if (asked === this.asked) say(this.note, problem.message)
    }

    private show(traces: Trace[], otherwise: string): void {
        this.traces = traces.filter(trace => trace.experts.length > 0)
        const cut = this.traces.find(trace => trace.isCut)
        const sentence = cut
            ? `The text was cut after ${plural(cut.tokens.length, 'token')}, ` +
              'as long as the run’s sequences.'
            : ''
        say(
            this.note,
            this.traces.length > 0 ? sentence : otherwise || 'These users have no router: no token chooses.',
        )
        const blocks = Math.max(0, ...this.traces.map(trace => trace.experts.length))
        const chosen = this.blocks.value || 'all'
        this.blocks.replaceChildren(
            el('option', { value: 'all' }, 'all blocks'),
            el('option', { value: 'ends' }, 'first and last block'),
            ...Array.from({ length: blocks }, (_, block) => el('option', { value: block }, `block ${block + 1}`)),
        )
        this.blocks.value = chosen
        if (this.blocks.selectedIndex < 0) this.blocks.value = 'all'
        const experts = Math.max(0, ...this.traces.flatMap(trace => trace.experts.flat())) + 1
        this.legend.replaceChildren(
            ...Array.from({ length: Math.max(experts, 2) }, (_, index) => {
                const swatch = el('span', { class: 'swatch bars token', 'aria-hidden': 'true' })
                shade(swatch, index, 1)
                return el('li', {}, swatch, expert(index))
            }),
            el('li', { class: 'hint' }, 'stronger: larger weight'),
        )
        this.draw()
    }

    private shownBlocks(): number[] {
        const count = Math.max(0, ...this.traces.map(trace => trace.experts.length))
        if (this.blocks.value === 'all') return Array.from({ length: count }, (_, block) => block)
        return this.blocks.value === 'ends' ? [...new Set([0, count - 1])] : [Number(this.blocks.value)]
    }

    private draw(): void {
        this.readout.textContent =
            this.traces.length > 0
                ? 'Point at a token to read its expert and weight; ' +
                  'or go to a block with Tab and along its tokens with the arrow keys.'
                : ''
        this.grid.replaceChildren(
            ...this.traces.map(trace =>
                el(
                    'section',
                    { 'aria-label': trace.user },
                    el('h3', {}, trace.user),
                    ...this.shownBlocks()
                        .filter(block => trace.experts[block])
                        .map(block => this.block(trace, block)),
                ),
            ),
        )
        this.asTable.update()
    }

    private block(trace: Trace, block: number): HTMLElement {
        const share = trace.experts[block]!.filter(first => first === 0).length / trace.tokens.length
        return el(
            'div',
            { class: 'trace' },
            el('h4', {}, `block ${block + 1}`, el('span', { class: 'hint' }, ` ${percent(share)} generalist`)),
            el(
                'p',
                {
                    class: 'tokens',
                    dir: 'auto',
                    tabindex: 0,
                    role: 'group',
                    'aria-label': `${trace.user}, block ${block + 1}`,
                },
                ...trace.tokens.map((token, index) => {
                    const element = el(
                        'span',
                        {
                            class: 'token',
                            ...(token ? {} : { role: 'img', 'aria-label': PART, title: PART }),
                            'data-block': block,
                            'data-index': index,
                            'data-user': trace.user,
                        },
                        visible(token),
                    )
                    shade(element, trace.experts[block]![index]!, trace.weights[block]![index]!)
                    return element
                }),
            ),
        )
    }

    /** From token to token of the block that has the focus. */
    private step(event: KeyboardEvent): void {
        const block = event.target as HTMLElement
        const tokens = [...block.querySelectorAll<HTMLElement>('.token')]
        const at = tokens.findIndex(token => token.classList.contains('current'))
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tokens.length - 1 }[event.key]
        if (to === undefined || !tokens[to]) return
        event.preventDefault()
        tokens[at]?.classList.remove('current')
        tokens[to].classList.add('current')
        this.read(tokens[to])
    }

    private read(target: HTMLElement): void {
        const { user, block, index } = target.dataset
        const trace = this.traces.find(trace => trace.user === user)
        if (!trace || block === undefined || index === undefined) return
        const [b, i] = [Number(block), Number(index)]
        say(
            this.readout,
            `${user}, block ${b + 1}: ${trace.tokens[i] ? `“${visible(trace.tokens[i]).trim()}”` : PART} goes to the ` +
                `${expert(trace.experts[b]![i]!)} first, with weight ${trace.weights[b]![i]!.toFixed(2)}`,
        )
    }

    private table(): HTMLElement {
        return el(
            'div',
            {},
            ...this.traces.map(trace =>
                table(
                    `Tokens of ${trace.user}`,
                    [
                        { name: 'token' },
                        ...this.shownBlocks().map(block => ({ name: `block ${block + 1}`, isText: true })),
                    ],
                    trace.tokens.map((token, index) => [
                        token ? visible(token) : PART,
                        ...this.shownBlocks().map(
                            block =>
                                `${expert(trace.experts[block]![index]!)} ${trace.weights[block]![index]!.toFixed(2)}`,
                        ),
                    ]),
                ),
            ),
        )
    }
}

/** Line ends as a sign: they would break the line. A sign for a part of a character, too. */
function visible(token: string): string {
    return (token || '·').replaceAll('\n', '⏎').replaceAll('\t', '⇥')
}
