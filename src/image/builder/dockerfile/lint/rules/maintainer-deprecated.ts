import { allInstructions, type Rule } from '../rule.ts'

/** The author of an image is told by a label. */
export const maintainerDeprecated: Rule = {
  name: 'MaintainerDeprecated',
  check: function* ({ dockerfile }) {
    for (const { keyword, range } of allInstructions(dockerfile))
      if (keyword === 'MAINTAINER')
        yield {
          range,
          summary: 'MAINTAINER is deprecated',
          hint: 'write LABEL org.opencontainers.image.authors="…"',
        }
  },
}
