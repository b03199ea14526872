import type { Rule } from '../rule.ts'

/** Names of stages are known in lower case, however they are written. */
export const stageNameCasing: Rule = {
  name: 'StageNameCasing',
  check: function* ({ dockerfile }) {
    for (const { from } of dockerfile.stages)
      if (from.as !== undefined && from.as.name !== from.as.name.toLowerCase())
        yield { range: from.range, summary: `stage name "${from.as.name}" should be lower case` }
  },
}
