import type { Source } from './source'
import type { Arm, Overview, Round } from './types'

/** Time goes by without news, too. */
const ASK_AGAIN_MILLISECONDS = 20_000

export interface KnownRounds {
    users: string[]
    rounds: Round[]
}

interface Known extends KnownRounds {
    /** Of which telling. */
    retellings: number
}

/** What the page knows. Rounds that are there stay; only new ones are asked for. */
export class Store {
    overview!: Overview
    isConnected = true
    problem: string | null = null
    private readonly known = new Map<string, Known>()
    private readonly listeners = new Set<() => void>()
    private busy: Promise<void> | null = null
    private isStale = false
    private isDoubtful = false

    constructor(readonly source: Source) {}

    async start(): Promise<void> {
        await this.load()
        this.source.follow(
            () => this.refresh(),
            isConnected => {
                // Whoever answers from now on may tell other rounds.
                if (isConnected && !this.isConnected) this.isDoubtful = true
                this.isConnected = isConnected
                this.tell()
            },
        )
        setInterval(() => {
            if (this.isConnected && this.overview.state !== 'finished' && !document.hidden) void this.refresh()
        }, ASK_AGAIN_MILLISECONDS)
    }

    rounds(arm: string): KnownRounds {
        return this.known.get(arm) ?? { users: [], rounds: [] }
    }

    arm(label: string): Arm {
        return this.overview.arms.find(arm => arm.label === label) ?? this.overview.arms[0]!
    }

    /** Returns what ends it. */
    listen(listener: () => void): () => void {
        this.listeners.add(listener)
        return () => this.listeners.delete(listener)
    }

    /** One at a time; what comes meanwhile is one more, afterwards. */
    private refresh(): Promise<void> {
        this.isStale = true
        this.busy ??= this.loadAll().finally(() => {
            this.busy = null
        })
        return this.busy
    }

    private async loadAll(): Promise<void> {
        try {
            do {
                this.isStale = false
                await this.load()
            } while (this.isStale)
        } catch (problem) {
            this.problem = (problem as Error).message
        } finally {
            this.tell()
        }
    }

    private async load(): Promise<void> {
        const { isDoubtful } = this
        this.isDoubtful = false
        const overview = await this.source.overview()
        if (isDoubtful || overview.identity !== this.overview?.identity) this.known.clear()
        this.overview = overview
        await Promise.all(this.overview.arms.map(arm => this.loadRounds(arm)))
        this.problem = null
    }

    private async loadRounds(arm: Arm): Promise<void> {
        const { retellings } = arm
        let known = this.known.get(arm.label)
        if (known && (known.retellings !== retellings || known.rounds.length > arm.done)) known = undefined
        // Many rounds come in several answers.
        while (!known || known.rounds.length < arm.done) {
            const { users, rounds } = await this.source.rounds(arm.label, (known?.rounds.at(-1)?.round ?? 0) + 1)
            known = { users, rounds: [...(known?.rounds ?? []), ...rounds], retellings }
            this.known.set(arm.label, known)
            if (rounds.length === 0) break
        }
    }

    private tell(): void {
        for (const listener of [...this.listeners]) listener()
    }
}
