// What the server answers; the report has the same figures in it. Numbers that are not finite are null.

export type Num = number | null

export interface Overview {
    /** Another one where another run, or this one anew, has the folder. */
    identity: string
    name: string
    folder: string
    state: 'waiting' | 'running' | 'quiet' | 'finished'
    seed: number
    elapsedSeconds: number
    secondsLeft: Num
    quietSeconds: Num
    tokensPerSecond: number
    peakMemoryBytes: Num
    version: string | null
    verdict: string | null
    damagedLines: number
    arms: Arm[]
    comparisons: Comparison[]
}

export interface Arm {
    label: string
    /** Its name in a picture with other arms. */
    line: string
    method: string
    targets: string[]
    measuredTokens: number
    measuredUsers: Num
    rounds: number
    done: number
    /** One more whenever rounds have been told anew. */
    retellings: number
    users: number
    experts: number
    hasRouter: boolean
    cohort: Num
    deadlineSeconds: Num
    clock: 'wall' | 'simulated'
}

export interface Comparison {
    target: string
    headings: string[]
    rows: { name: string; cells: Num[] }[]
}

/** quantiles: 5, 25, 50, 75 and 95 %. */
export interface Spread {
    mean: Num
    quantiles: Num[]
}

export interface Miss {
    user: string | null
    kind: string | null
    detected: string | null
    seconds: Num
    state: 'late' | 'missing' | null
}

export interface Round {
    round: number
    loss: Num
    seconds: number
    evaluationSeconds: number
    tokens: number
    bytes: number
    users: number
    missing: number
    late: number
    simulatedSeconds: Num
    perplexity: Spread | null
    each: Num[] | null
    generalistShare: Num[]
    phases: number[] | null
    slowest: { id: string; seconds: number } | null
    faultCount: number
    /** Faults, and who was missing without one: the first of missCount. */
    misses: Miss[]
    missCount: number
    surplus: number
    failure: string | null
}

export interface Rounds {
    users: string[]
    rounds: Round[]
}

export interface WaterfallRow {
    id: string
    seconds: Num
    phases: number[] | null
    loss: Num
    state: 'took part' | 'late' | 'surplus' | 'missing'
    fault: string | null
}

export interface Waterfall {
    round: number
    total: number
    offset: number
    longest: Num
    /** How many users a report has; without it: all. */
    held?: number
    rows: WaterfallRow[]
}

export interface UserRow {
    id: string
    experts: number
    mlpRank: number
    attentionRank: number
    data: string
    device: string | null
    trains: boolean
    rounds: number
    missed: number
    loss: Num
    perplexity: Num
    seconds: Num
    perplexities: number[]
}

export interface UsersPage {
    total: number
    offset: number
    rows: UserRow[]
}

export interface Device {
    class: string
    flops: number
    downBytesPerSecond: number
    upBytesPerSecond: number
    latencySeconds: number
}

export interface UserRound {
    round: number
    state: WaterfallRow['state']
    loss: Num
    perplexity: Num
    seconds: Num
    phases: number[] | null
    fault: string | null
}

export interface UserCard {
    user: UserRow
    share: number
    localSteps: number
    microBatch: number
    weight: number
    targets: string[]
    device: Device | null
    availability: string | null
    history: UserRound[]
}

/** experts and weights: [block][token]; empty without a router. */
export interface Trace {
    user: string
    tokens: string[]
    experts: number[][]
    weights: number[][]
    /** Whether the text was longer than the run's sequences. */
    isCut: boolean
}

export const PHASES = ['queue', 'load', 'train', 'router', 'save', 'upload'] as const
