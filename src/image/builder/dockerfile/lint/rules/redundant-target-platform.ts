import type { Rule } from '../rule.ts'

/** FROM is for the target platform by itself. */
export const redundantTargetPlatform: Rule = {
  name: 'RedundantTargetPlatform',
  check: function* ({ dockerfile }) {
    for (const { from } of dockerfile.stages)
      if (/^\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})$/.test(from.platform ?? ''))
        yield { range: from.range, summary: `--platform=${from.platform} says what is so anyway` }
  },
}
