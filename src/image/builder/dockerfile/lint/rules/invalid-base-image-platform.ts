import { baseStageOf } from '../bases.ts'
import { expandKnown, globalsOf } from '../expand-known.ts'
import type { Rule } from '../rule.ts'

/** An image of another platform than the one that is asked for. */
export const invalidBaseImagePlatform: Rule = {
  name: 'InvalidBaseImagePlatform',
  check: function* (input) {
    const known = globalsOf(input, input.given)
    for (const stage of input.dockerfile.stages) {
      if (!input.isNeeded(stage.index)) continue
      const { base, image } = baseStageOf(input, stage)
      const has = base === undefined ? input.baseOf(image)?.platform : undefined
      const asked = expandKnown(stage.from.platform ?? '', input.escapeChar, known).text
      const wanted = asked === '' ? input.platform : asked
      if (has !== undefined && wanted !== has && !wanted.startsWith(`${has}/`))
        yield { range: stage.from.range, summary: `image "${image}" is for ${has}, and ${wanted} is built` }
    }
  },
}
