import type { Rule } from '../rule.ts'

/** Two stages of one name: which is meant depends on where. */
export const duplicateStageName: Rule = {
  name: 'DuplicateStageName',
  check: function* ({ dockerfile }) {
    const seen = new Set<string>()
    for (const { from, name } of dockerfile.stages) {
      if (name === undefined) continue
      if (seen.has(name))
        yield { range: from.range, summary: `stage name "${name}" is given twice: the later one counts` }
      seen.add(name)
    }
  },
}
