import { expandKnown, globalsOf } from '../expand-known.ts'
import type { Rule } from '../rule.ts'
import { closestName } from '../suggest.ts'

/** FROM sees the ARGs before the first FROM alone. */
export const undefinedArgInFrom: Rule = {
  name: 'UndefinedArgInFrom',
  check: function* (input) {
    const known = globalsOf(input, input.given)
    for (const { from } of input.dockerfile.stages) {
      const words = [from.image, from.platform ?? '']
      const missing = words.flatMap(word => expandKnown(word, input.escapeChar, known).missing)
      for (const name of new Set(missing)) {
        const close = closestName(name, known.keys())
        yield {
          range: from.range,
          summary: `FROM uses "${name}", which no ARG before the first FROM declares`,
          ...(close === undefined ? {} : { hint: `did you mean ${close}?` }),
        }
      }
    }
  },
}
