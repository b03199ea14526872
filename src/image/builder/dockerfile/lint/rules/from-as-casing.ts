import type { Rule } from '../rule.ts'

/** FROM and AS of one line are written alike. */
export const fromAsCasing: Rule = {
  name: 'FromAsCasing',
  check: function* ({ dockerfile }) {
    for (const { from } of dockerfile.stages) {
      const { as, written } = from
      const isLower = written === written.toLowerCase()
      if (as === undefined || (!isLower && written !== written.toUpperCase())) continue
      const wanted = isLower ? as.keyword.toLowerCase() : as.keyword.toUpperCase()
      if (as.keyword !== wanted)
        yield { range: from.range, summary: `"${as.keyword}" should be written as "${written}" is` }
    }
  },
}
