import type { Stage } from '../../instruction.ts'
import { baseStageOf } from '../bases.ts'
import type { LintInput, Rule } from '../rule.ts'

/** A command in a shell does not get the signals of the engine. */
export const jsonArgsRecommended: Rule = {
  name: 'JSONArgsRecommended',
  check: function* (input) {
    for (const stage of input.dockerfile.stages) {
      let hasShell = beginsWithShell(input, stage)
      for (const instruction of stage.instructions) {
        hasShell ||= instruction.keyword === 'SHELL'
        if (instruction.keyword !== 'CMD' && instruction.keyword !== 'ENTRYPOINT') continue
        const { command, keyword, range } = instruction
        if (hasShell || command.form === 'exec' || command.line === '') continue
        yield {
          range,
          summary: `${keyword} is a line for a shell, which hands no signals on`,
          hint: `write ${keyword} ["program", "argument"]`,
        }
      }
    }
  },
}

/** Who sets a shell wants it. */
function beginsWithShell(input: LintInput, stage: Stage): boolean {
  const { base, image } = baseStageOf(input, stage)
  if (base === undefined) return input.baseOf(image)?.hasShell ?? false
  return base.instructions.some(({ keyword }) => keyword === 'SHELL') || beginsWithShell(input, base)
}
