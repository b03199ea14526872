import { allInstructions, type Rule } from '../rule.ts'

/** All keywords of a file are written alike. */
export const consistentInstructionCasing: Rule = {
  name: 'ConsistentInstructionCasing',
  check: function* ({ dockerfile }) {
    const all = [...allInstructions(dockerfile)]
    const lower = all.filter(({ written }) => written === written.toLowerCase()).length
    const upper = all.filter(({ written }) => written === written.toUpperCase()).length
    const isLower = lower > upper
    for (const { written, range } of all)
      if (written !== (isLower ? written.toLowerCase() : written.toUpperCase()))
        yield {
          range,
          summary: `"${written}" should be written as most others are, in ${isLower ? 'lower' : 'upper'} case`,
        }
  },
}
