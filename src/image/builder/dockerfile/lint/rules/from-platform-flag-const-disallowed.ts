import type { Rule } from '../rule.ts'

/** A platform is chosen by who builds. */
export const fromPlatformFlagConstDisallowed: Rule = {
  name: 'FromPlatformFlagConstDisallowed',
  check: function* ({ dockerfile }) {
    for (const { from } of dockerfile.stages)
      if (from.platform !== undefined && !from.platform.includes('$'))
        yield {
          range: from.range,
          summary: `--platform=${from.platform} holds the stage to one platform`,
          hint: 'leave it to whoever builds, or use $BUILDPLATFORM',
        }
  },
}
