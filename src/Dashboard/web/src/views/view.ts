import type { Store } from '../store'

/** A page of the dashboard. */
export interface View {
    readonly element: HTMLElement
    /** There are new figures, or another arm was chosen. */
    update(): void
    /** Another page is shown from now on. */
    dispose(): void
}

/** Of an address; null: no longer in it. */
export type Parameters = Record<string, string | null>

/** What a page needs to know. */
export interface Context {
    readonly store: Store
    /** Label of the arm that was chosen. */
    readonly arm: string
    /** Goes to another page. */
    open(page: string, parameters?: Parameters): void
    parameter(name: string): string | null
    /** Keeps in the address what this page shows, so that a link leads to it. Nothing happens once it was left. */
    note(view: View, parameters: Parameters): void
}
