import type { Rule } from '../rule.ts'

/** What a later instruction of its kind undoes. */
export const multipleInstructionsDisallowed: Rule = {
  name: 'MultipleInstructionsDisallowed',
  check: function* ({ dockerfile }) {
    for (const { instructions } of dockerfile.stages) {
      for (const keyword of ['CMD', 'ENTRYPOINT', 'HEALTHCHECK']) {
        const all = instructions.filter(instruction => instruction.keyword === keyword)
        for (const { range } of all.slice(0, -1))
          yield { range, summary: `of several ${keyword} of a stage the last one counts alone` }
      }
    }
  },
}
