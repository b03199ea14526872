import { allInstructions, type Rule } from '../rule.ts'

/** ENV and LABEL of one name, without an equals sign. */
export const legacyKeyValueFormat: Rule = {
  name: 'LegacyKeyValueFormat',
  check: function* ({ dockerfile }) {
    for (const instruction of allInstructions(dockerfile)) {
      if (instruction.keyword !== 'ENV' && instruction.keyword !== 'LABEL') continue
      if (instruction.isOldForm)
        yield {
          range: instruction.range,
          summary: `write ${instruction.keyword} name=value, with an equals sign`,
        }
    }
  },
}
