import { posix } from 'node:path'
import { allInstructions, type Rule } from '../rule.ts'

/** A file that is copied, and never sent. */
export const copyIgnoredFile: Rule = {
  name: 'CopyIgnoredFile',
  isExperimental: true,
  check: function* ({ dockerfile, isIgnored }) {
    for (const instruction of allInstructions(dockerfile)) {
      if (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') continue
      if (instruction.from !== undefined) continue
      for (const source of instruction.sources)
        if (!/[$*?[]/.test(source) && isIgnored(posix.normalize(`/${source}`).replace(/^\/|\/$/g, '')))
          yield { range: instruction.range, summary: `.dockerignore leaves "${source}" out` }
    }
  },
}
