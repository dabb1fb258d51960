import type { Arm, Num, Overview } from './types'

const none = '–'

export function perplexity(value: Num | undefined): string {
    if (value === null || value === undefined) return none
    return value >= 1e6 ? 'diverged' : value.toFixed(value < 1000 ? 1 : 0)
}

export function loss(nats: Num | undefined): string {
    return nats === null || nats === undefined ? none : nats.toFixed(3)
}

export function percent(share: Num | undefined): string {
    if (share === null || share === undefined) return none
    return `${share > 0 && share < 0.01 ? (share * 100).toPrecision(1) : Math.round(share * 100)} %`
}

export function count(number: Num | undefined): string {
    return number === null || number === undefined ? none : Math.round(number).toLocaleString('en')
}

export function plural(number: number, thing: string): string {
    return `${count(number)} ${thing}${number === 1 ? '' : 's'}`
}

/** Seconds of something short: 12 ms, 1.23 s, 4:05 min. */
export function seconds(value: Num | undefined): string {
    if (value === null || value === undefined) return none
    if (value < 1) return `${Math.round(value * 1000)} ms`
    return value < 120 ? `${value.toFixed(value < 10 ? 2 : 1)} s` : `${duration(value)}`
}

/** 7 s, 12:34 min, 3:04:05 h. */
export function duration(value: Num | undefined): string {
    if (value === null || value === undefined) return none
    const whole = Math.round(value)
    if (whole < 60) return `${whole} s`
    const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
    const pad = (number: number) => String(number).padStart(2, '0')
    return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)} h` : `${minutes}:${pad(rest)} min`
}

export function silence(overview: Overview): string {
    return `No news for ${duration(overview.quietSeconds)}: it may have been stopped.`
}

/** What perplexities on the way are of; those at the end are of the whole test set. */
export function measuredOn(arm: Arm): string {
    const users = arm.measuredUsers === null ? '' : `, ${plural(arm.measuredUsers, 'user')} drawn`
    return `${count(arm.measuredTokens)} test tokens a user at most, target ${arm.targets[0]}${users}`
}

export function bytes(value: Num | undefined): string {
    if (value === null || value === undefined) return none
    if (value < 1e4) return `${Math.round(value)} B`
    if (value < 1e7) return `${(value / 1e3).toFixed(0)} kB`
    return value < 1e10 ? `${(value / 1e6).toFixed(0)} MB` : `${(value / 1e9).toFixed(1)} GB`
}

export function expert(index: number): string {
    return index === 0 ? 'generalist' : `specialist ${index}`
}
