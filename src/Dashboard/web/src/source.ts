import type { Overview, Rounds, Trace, UserCard, UserRow, UsersPage, Waterfall } from './types'

export interface UsersQuery {
    search: string
    sort: string
    isDescending: boolean
    offset: number
    count: number
}

/** Where figures come from: a server that follows a run, or the report's own data. */
export interface Source {
    readonly isLive: boolean
    /** Texts that were followed when the run ended; only a report has them. */
    readonly traces: Trace[]
    /** Rounds whose users are known; null: all. */
    waterfallRounds(arm: string): number[] | null
    /** How many users are known; null: all. */
    knownUsers(arm: string): number | null
    overview(): Promise<Overview>
    rounds(arm: string, from: number): Promise<Rounds>
    waterfall(arm: string, round: number, offset: number, count: number): Promise<Waterfall>
    users(arm: string, query: UsersQuery): Promise<UsersPage>
    user(arm: string, id: string): Promise<UserCard>
    passage(arm: string, user: string, number: number): Promise<string>
    trace(arm: string, user: string, text: string): Promise<Trace>
    /** changed ends when the page has what there is. */
    follow(changed: () => Promise<void>, connected: (isConnected: boolean) => void): void
}

const LAST_MILLISECONDS = 500

export class Server implements Source {
    readonly isLive = true
    readonly traces: Trace[] = []

    waterfallRounds(): null {
        return null
    }

    knownUsers(): null {
        return null
    }

    overview(): Promise<Overview> {
        return ask('overview', {})
    }

    rounds(arm: string, from: number): Promise<Rounds> {
        return ask('rounds', { arm, from })
    }

    waterfall(arm: string, round: number, offset: number, count: number): Promise<Waterfall> {
        return ask('round', { arm, round, offset, count })
    }

    users(arm: string, query: UsersQuery): Promise<UsersPage> {
        const { search, sort, isDescending, offset, count } = query
        return ask('users', { arm, search, sort, order: isDescending ? 'down' : 'up', offset, count })
    }

    user(arm: string, id: string): Promise<UserCard> {
        return ask('user', { arm, user: id })
    }

    async passage(arm: string, user: string, number: number): Promise<string> {
        return (await ask<{ text: string }>('text', { arm, user, number })).text
    }

    trace(arm: string, user: string, text: string): Promise<Trace> {
        return answer(
            fetch('api/trace', {
                method: 'POST',
                headers: { 'content-type': 'application/json' },
                body: JSON.stringify({ arm, user, text }),
            }),
        )
    }

    follow(changed: () => Promise<void>, connected: (isConnected: boolean) => void): void {
        const events = new EventSource('api/events')
        events.onmessage = () => void changed()
        events.addEventListener('end', () => {
            void changed().then(() => {
                // The view that is open asks for more of it, and the server waits for that.
                setTimeout(() => {
                    events.close()
                    connected(false)
                }, LAST_MILLISECONDS)
            })
        })
        events.onopen = () => connected(true)
        events.onerror = () => connected(false)
    }
}

interface ReportArm {
    label: string
    rounds: Rounds
    users: UserCard[]
    userCount: number
    waterfalls: Waterfall[]
}
export interface ReportData {
    overview: Overview
    arms: ReportArm[]
    traces: Trace[]
}

export class Report implements Source {
    readonly isLive = false

    constructor(private readonly data: ReportData) {}

    get traces(): Trace[] {
        return this.data.traces
    }

    waterfallRounds(arm: string): number[] {
        return this.arm(arm).waterfalls.map(waterfall => waterfall.round)
    }

    knownUsers(arm: string): number {
        return this.arm(arm).users.length
    }

    overview(): Promise<Overview> {
        return Promise.resolve(this.data.overview)
    }

    rounds(arm: string, from: number): Promise<Rounds> {
        const { users, rounds } = this.arm(arm).rounds
        return Promise.resolve({ users, rounds: rounds.filter(round => round.round >= from) })
    }

    waterfall(arm: string, round: number, offset: number, count: number): Promise<Waterfall> {
        const found = this.arm(arm).waterfalls.find(waterfall => waterfall.round === round)
        if (!found) return Promise.reject(new Error(`The report does not have the users of round ${round}.`))
        return Promise.resolve({
            ...found,
            held: found.rows.length,
            offset,
            rows: found.rows.slice(offset, offset + count),
        })
    }

    users(arm: string, query: UsersQuery): Promise<UsersPage> {
        const rows = this.arm(arm)
            .users.map(card => card.user)
            .filter(user => user.id.toLowerCase().includes(query.search.toLowerCase()))
        sortUsers(rows, query.sort, query.isDescending)
        const { offset, count } = query
        return Promise.resolve({ total: rows.length, offset, rows: rows.slice(offset, offset + count) })
    }

    user(arm: string, id: string): Promise<UserCard> {
        const card = this.arm(arm).users.find(card => card.user.id === id)
        return card ? Promise.resolve(card) : Promise.reject(new Error(`The report does not have user '${id}'.`))
    }

    passage(): Promise<string> {
        return Promise.reject(new Error('A report follows no new texts.'))
    }

    trace(): Promise<Trace> {
        return Promise.reject(new Error('A report follows no new texts.'))
    }

    follow(): void {}

    private arm(label: string): ReportArm {
        const found = this.data.arms.find(arm => arm.label === label)
        if (!found) throw new Error(`The report has no arm '${label}'.`)
        return found
    }
}

/** As the server does: who has no such figure comes last either way. */
function sortUsers(rows: UserRow[], sort: string, isDescending: boolean): void {
    if (sort === 'id') {
        if (isDescending) rows.reverse()
        return
    }
    const key = (user: UserRow) => user[sort as 'perplexity' | 'loss' | 'seconds' | 'rounds' | 'missed']
    rows.sort((a, b) => {
        const [left, right] = [key(a), key(b)]
        if (left === null || right === null) return Number(left === null) - Number(right === null)
        return isDescending ? right - left : left - right
    })
}

function ask<T>(path: string, query: Record<string, string | number>): Promise<T> {
    const parameters = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))
    return answer(fetch(`api/${path}?${parameters}`))
}

async function answer<T>(call: Promise<Response>): Promise<T> {
    const response = await call
    if (response.ok) return (await response.json()) as T
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    throw new Error(isJson ? ((await response.json()) as { error: string }).error : (await response.text()).trim())
}
