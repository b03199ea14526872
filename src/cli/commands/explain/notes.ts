import type { ExplainedValue } from './explanation.ts'
import {
  overriddenText,
  placeText,
  RULES,
  stepText,
  variableText,
  type Wording,
  writtenText,
} from './sentences.ts'

/** One fact about a value's origin. */
export interface Note {
  readonly label: 'from' | 'written' | 'variable' | 'rule' | 'through' | 'overrode'
  readonly text: string
}

/** The place of a value, or the word that it has none. */
export function placeOf({ origin }: ExplainedValue, wording: Wording): string {
  if (origin === undefined) return 'unknown'
  return origin.range ? placeText(origin.range, wording) : 'not written'
}

/** Everything else that is known of its origin, in the order in which it happened, backwards. */
export function notesOf(explained: ExplainedValue, wording: Wording): Note[] {
  const { origin } = explained
  if (origin === undefined) return []
  const notes: Note[] = []
  if (origin.rule) notes.push({ label: 'rule', text: RULES[origin.rule] })
  if (showsWritten(explained))
    notes.push({ label: 'written', text: wording.cut(writtenText(origin.written)) })
  for (const variable of origin.variables)
    notes.push({ label: 'variable', text: variableText(variable, wording) })
  for (const step of origin.through) notes.push({ label: 'through', text: stepText(step, wording) })
  for (const earlier of origin.overrode)
    notes.push({ label: 'overrode', text: overriddenText(earlier, wording) })
  return notes
}

/** What was written is worth a word where it is not the value itself. */
function showsWritten({ value, origin }: ExplainedValue): boolean {
  if (!origin?.range || origin.rule === 'pass-through' || origin.rule?.endsWith('-file')) return false
  if (origin.written === '' || value === null) return false
  if (typeof value === 'object') return origin.variables.length > 0
  return origin.written !== String(value)
}
