import './theme.css'
import './parts.css'
import './pictures.css'
import './layout.css'
import { el, say } from './dom'
import { duration, silence } from './format'
import { Report, Server } from './source'
import type { ReportData } from './source'
import { Store } from './store'
import { followTheme, toggleTheme } from './theme'
import type { Overview } from './types'
import { LearningView } from './views/learning'
import { OverviewView } from './views/overview'
import { RoundsView } from './views/rounds'
import { TokensView } from './views/tokens'
import { UsersView } from './views/users'
import type { Context, Parameters, View } from './views/view'

const PAGES: Record<string, { title: string; create: (context: Context) => View }> = {
    overview: { title: 'Overview', create: context => new OverviewView(context) },
    learning: { title: 'Learning', create: context => new LearningView(context) },
    rounds: { title: 'Rounds', create: context => new RoundsView(context) },
    users: { title: 'Users', create: context => new UsersView(context) },
    tokens: { title: 'Tokens', create: context => new TokensView(context) },
}

class App implements Context {
    readonly store: Store
    private readonly arms = el('select', { id: 'arm' })
    private readonly status = el('p', { class: 'status', role: 'status' })
    private readonly tabs = el('nav', { 'aria-label': 'pages' })
    private readonly holder: HTMLElement
    private view: View | null = null
    private readonly title = el('h1', { class: 'title' })
    private shownPage = ''
    private shownRun = ''

    constructor(private readonly root: HTMLElement) {
        const data = document.getElementById('run')?.textContent
        this.store = new Store(data ? new Report(JSON.parse(data) as ReportData) : new Server())
        this.holder = el('main', { id: 'page', tabindex: -1 })
    }

    get arm(): string {
        const asked = this.parameter('arm')
        return this.store.overview.arms.some(arm => arm.label === asked) ? asked! : this.store.overview.arms[0]!.label
    }

    parameter(name: string): string | null {
        return new URLSearchParams(location.hash.split('?')[1] ?? '').get(name)
    }

    open(page: string, parameters: Parameters = {}): void {
        location.hash = this.address(page, parameters)
    }

    note(view: View, parameters: Parameters): void {
        // The address may be another page's already, which is shown in a moment.
        if (view !== this.view || this.page() !== this.shownPage) return
        history.replaceState(null, '', this.address(this.shownPage, parameters))
        this.drawTabs()
    }

    /** With the user and the round that were chosen, on whichever page. */
    private address(page: string, parameters: Parameters): string {
        const all = { arm: this.arm, user: this.parameter('user'), round: this.parameter('round'), ...parameters }
        const given = Object.entries(all).filter((one): one is [string, string] => one[1] !== null)
        return `#/${page}?${new URLSearchParams(given)}`
    }

    async start(): Promise<void> {
        try {
            await this.store.start()
        } catch (problem) {
            this.root.replaceChildren(
                el('main', { class: 'page' }, el('p', { role: 'alert' }, (problem as Error).message)),
            )
            return
        }
        this.arms.addEventListener('input', () => this.open(this.page(), { arm: this.arms.value }))
        const theme = el(
            'button',
            {
                type: 'button',
                class: 'quiet',
                title: 'Light or dark',
                'aria-label': 'light or dark',
                onclick: () => toggleTheme(),
            },
            '◐',
        )
        this.root.replaceChildren(
            el(
                'header',
                {},
                this.title,
                el('div', { class: 'controls' }, el('label', { for: 'arm' }, 'Arm'), this.arms, theme),
                this.status,
            ),
            this.tabs,
            this.holder,
        )
        foldTables()
        addEventListener('hashchange', () => this.show())
        this.store.listen(() => this.update())
        this.showRun()
    }

    /** The run, or another one that has its folder now: nothing of the one before stays. */
    private showRun(): void {
        const { overview, source } = this.store
        this.shownRun = overview.identity
        if (source.isLive) document.title = `${overview.name} · CoMiGS`
        say(this.title, overview.name)
        this.arms.replaceChildren(...overview.arms.map(arm => el('option', { value: arm.label }, arm.label)))
        this.show()
    }

    private page(): string {
        const page = location.hash.slice(2).split('?')[0]!
        return Object.hasOwn(PAGES, page) ? page : 'overview'
    }

    private show(): void {
        const page = this.page()
        this.arms.value = this.arm
        const hasMoved = this.shownPage !== '' && this.shownPage !== page
        this.shownPage = page
        this.drawTabs()
        this.view?.dispose()
        this.view = PAGES[page]!.create(this)
        this.holder.replaceChildren(this.view.element)
        if (hasMoved) this.holder.focus({ preventScroll: true })
        this.tell()
    }

    private drawTabs(): void {
        this.tabs.replaceChildren(
            ...Object.entries(PAGES).map(([name, { title }]) =>
                el(
                    'a',
                    {
                        href: this.address(name, {}),
                        'aria-current': name === this.shownPage ? 'page' : null,
                    },
                    title,
                ),
            ),
        )
    }

    private update(): void {
        if (this.store.overview.identity !== this.shownRun) return this.showRun()
        this.view?.update()
        this.tell()
    }

    private tell(): void {
        const { overview, isConnected, problem, source } = this.store
        const isLost = source.isLive && !isConnected
        this.status.classList.toggle('lost', isLost || problem !== null)
        const again = `./comigs dashboard ${overview.folder} shows it again.`
        const state = isLost
            ? `${overview.state === 'finished' ? 'Finished' : 'No connection'}: ${again}`
            : (problem ?? stateOf(overview))
        // Time goes by in every round; that is to be seen, not to be read out again and again.
        this.status.setAttribute('aria-live', state === null ? 'off' : 'polite')
        say(this.status, state ?? `About ${duration(overview.secondsLeft)} left.`)
    }
}

/** Null: it goes on. */
function stateOf(overview: Overview): string | null {
    if (overview.damagedLines > 0) return `${overview.damagedLines} lines of metrics.jsonl cannot be read.`
    if (overview.state === 'finished') return 'Finished.'
    if (overview.state === 'quiet') return silence(overview)
    return overview.secondsLeft === null ? 'Starting …' : null
}

/** A report's tables say what the pictures say; they are for those who have no script. */
function foldTables(): void {
    const tables = document.querySelector('.tables')
    if (tables)
        document.body.append(el('details', { class: 'fold' }, el('summary', {}, 'All of it as plain tables'), tables))
}

followTheme()
const root = document.getElementById('app')
if (root) void new App(root).start()
