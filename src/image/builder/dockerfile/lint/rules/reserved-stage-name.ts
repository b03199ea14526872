import type { Rule } from '../rule.ts'

/** Names that are taken. */
export const reservedStageName: Rule = {
  name: 'ReservedStageName',
  check: function* ({ dockerfile }) {
    for (const { from, name } of dockerfile.stages)
      if (name === 'scratch' || name === 'context')
        yield { range: from.range, summary: `stage name "${name}" means something else already` }
  },
}
