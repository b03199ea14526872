import { allInstructions, type Rule } from '../rule.ts'

const SECRET = /(?:^|_)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i
const PUBLIC = /(?:^|_)public(?:_|$)/i

/** ARG and ENV can be read by whoever has the image. */
export const secretsUsedInArgOrEnv: Rule = {
  name: 'SecretsUsedInArgOrEnv',
  check: function* ({ dockerfile }) {
    for (const instruction of allInstructions(dockerfile)) {
      if (instruction.keyword !== 'ENV' && instruction.keyword !== 'ARG') continue
      for (const { name } of instruction.assignments)
        if (SECRET.test(name) && !PUBLIC.test(name))
          yield {
            range: instruction.range,
            summary: `${instruction.keyword} "${name}" looks like a secret, and stays in the image`,
            hint: 'use RUN --mount=type=secret',
          }
    }
  },
}
