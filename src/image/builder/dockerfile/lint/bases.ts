import type { Stage } from '../instruction.ts'
import { expandKnown, globalsOf } from './expand-known.ts'
import type { LintInput } from './rule.ts'

/** What a stage begins with: an earlier stage, or an image. */
export interface StageBase {
  readonly base: Stage | undefined
  readonly image: string
}

/** The stage or image that a stage's FROM means. */
export function baseStageOf(input: LintInput, { from, index }: Stage): StageBase {
  const image = expandKnown(from.image, input.escapeChar, globalsOf(input, input.given)).text
  const before = input.dockerfile.stages.slice(0, index)
  return { base: before.findLast(({ name }) => name === image), image }
}
