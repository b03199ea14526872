import { Failure } from '../../../../../diagnostics/index.ts'
import { parseReference } from '../../../../../oci/reference.ts'
import { expandKnown, globalsOf } from '../expand-known.ts'
import type { Rule } from '../rule.ts'

/** A Dockerfile builds without arguments, too. */
export const invalidDefaultArgInFrom: Rule = {
  name: 'InvalidDefaultArgInFrom',
  check: function* (input) {
    const known = globalsOf(input, {})
    for (const { from } of input.dockerfile.stages) {
      if (!from.image.includes('$')) continue
      const { text } = expandKnown(from.image, input.escapeChar, known)
      if (!isImageName(text))
        yield {
          range: from.range,
          summary: `without build arguments "${from.image}" is no image name: "${text}"`,
        }
    }
  },
}

function isImageName(text: string): boolean {
  try {
    parseReference(text)
    return true
  } catch (error) {
    if (error instanceof Failure) return false
    throw error
  }
}
