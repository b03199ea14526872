import type { Stage } from '../../instruction.ts'
import { baseStageOf } from '../bases.ts'
import { expandKnown } from '../expand-known.ts'
import type { LintInput, Rule } from '../rule.ts'
import { seenIn } from '../variables.ts'

/** The first WORKDIR of a stage says the whole path. */
export const workdirRelativePath: Rule = {
  name: 'WorkdirRelativePath',
  check: function* (input) {
    for (const stage of input.dockerfile.stages) {
      if (beginsInFolder(input, stage)) continue
      for (const { instruction, known } of seenIn(input, stage)) {
        if (instruction.keyword !== 'WORKDIR') continue
        const path = expandKnown(instruction.value, input.escapeChar, known).text
        if (!path.startsWith('/'))
          yield {
            range: instruction.range,
            summary: `WORKDIR "${path}" is relative to what the base image says`,
          }
        break
      }
    }
  },
}

function beginsInFolder(input: LintInput, stage: Stage): boolean {
  const { base, image } = baseStageOf(input, stage)
  if (base === undefined) return !['', '/', undefined].includes(input.baseOf(image)?.workingDir)
  return base.instructions.some(({ keyword }) => keyword === 'WORKDIR') || beginsInFolder(input, base)
}
