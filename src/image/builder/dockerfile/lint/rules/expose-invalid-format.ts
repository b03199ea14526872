import { expandPorts } from '../expand-known.ts'
import type { Rule } from '../rule.ts'
import { seenIn } from '../variables.ts'

/** Where a port is published is not the image's to say. */
export const exposeInvalidFormat: Rule = {
  name: 'ExposeInvalidFormat',
  check: function* (input) {
    for (const stage of input.dockerfile.stages) {
      for (const { instruction, known } of seenIn(input, stage)) {
        if (instruction.keyword !== 'EXPOSE') continue
        for (const port of expandPorts(instruction.values, input.escapeChar, known))
          if (port.includes(':'))
            yield {
              range: instruction.range,
              summary: `"${port}" names more than a port of the container, which has no effect`,
            }
      }
    }
  },
}
