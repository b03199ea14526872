/** What a fact of a machine means: `lacking` is what `up` cannot do without. */
export type FindingStatus = 'ok' | 'warning' | 'lacking'

/** Groups of facts, in the order in which they are shown. */
export type Area =
  | 'tscompose'
  | 'Kernel'
  | 'Control groups'
  | 'Network'
  | 'Storage'
  | 'Programs'
  | 'Registries'

/** One fact of a machine, and what follows from it. */
export interface Finding {
  readonly area: Area
  readonly name: string
  readonly status: FindingStatus
  /** What is there, in a few words. */
  readonly found: string
  /** What the user has or loses by it, and what to do; absent where all is well. */
  readonly follows?: string
}

/** What a fact is, where it is not yet said of which area. */
export type Verdict = Pick<Finding, 'status' | 'found' | 'follows'>

export function fine(found: string): Verdict {
  return { status: 'ok', found }
}

export function warning(found: string, follows: string): Verdict {
  return { status: 'warning', found, follows }
}

export function lacking(found: string, follows: string): Verdict {
  return { status: 'lacking', found, follows }
}

/** Names facts of one area. */
export function findingsOf(area: Area, verdicts: Readonly<Record<string, Verdict>>): Finding[] {
  return Object.entries(verdicts).map(([name, verdict]) => ({ area, name, ...verdict }))
}
