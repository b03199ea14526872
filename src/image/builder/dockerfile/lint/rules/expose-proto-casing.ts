import { expandPorts } from '../expand-known.ts'
import type { Rule } from '../rule.ts'
import { seenIn } from '../variables.ts'

/** Protocols are written in lower case. */
export const exposeProtoCasing: Rule = {
  name: 'ExposeProtoCasing',
  check: function* (input) {
    for (const stage of input.dockerfile.stages) {
      for (const { instruction, known } of seenIn(input, stage)) {
        if (instruction.keyword !== 'EXPOSE') continue
        for (const port of expandPorts(instruction.values, input.escapeChar, known))
          if (/\/.*[A-Z]/.test(port))
            yield { range: instruction.range, summary: `the protocol of "${port}" should be lower case` }
      }
    }
  },
}
