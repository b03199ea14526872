import type { Diagnostic, Facts } from '../../../diagnostics/index.ts'
import type { RouteName } from '../../routes.ts'

/** What a client asked for: the row of the route table, and what its path names. */
export interface Asked {
  readonly name: RouteName
  readonly params: Readonly<Record<string, string>>
}

/** Docker's sentence for a diagnostic, from its facts; undefined where our own stands. */
export type Words = (facts: Facts, asked: Asked | undefined, diagnostic: Diagnostic) => string | undefined

/** Sentences by the code of what they are about. */
export type WordTable = Readonly<Record<string, Words>>

/** One sentence of several: which, the fact `rule` says. */
export function byRule(sentences: Readonly<Record<string, Words>>): Words {
  return (facts, asked, diagnostic) => sentences[facts['rule'] ?? '']?.(facts, asked, diagnostic)
}
