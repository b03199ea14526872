import type { Instruction } from '../../instruction.ts'
import { expandKnown } from '../expand-known.ts'
import type { Rule } from '../rule.ts'
import { closestName } from '../suggest.ts'
import { seenIn } from '../variables.ts'

/** A variable that nothing sets is empty. */
export const undefinedVar: Rule = {
  name: 'UndefinedVar',
  check: function* (input) {
    for (const stage of input.dockerfile.stages) {
      for (const { instruction, known } of seenIn(input, stage)) {
        const missing = wordsOf(instruction).flatMap(
          ({ word, raw }) => expandKnown(word, input.escapeChar, known, raw).missing,
        )
        for (const name of new Set(missing)) {
          const close = closestName(name, known.keys())
          yield {
            range: instruction.range,
            summary: `variable "$${name}" is not set`,
            ...(close === undefined ? {} : { hint: `did you mean $${close}?` }),
          }
        }
      }
    }
  },
}

interface Word {
  readonly word: string
  readonly raw?: boolean
}

/** What of an instruction is expanded. */
function wordsOf(instruction: Instruction): readonly Word[] {
  const { keyword } = instruction
  if (keyword === 'RUN') return instruction.mounts.map(word => ({ word }))
  if (keyword === 'EXPOSE' || keyword === 'VOLUME') return instruction.values.map(word => ({ word }))
  if (keyword === 'USER' || keyword === 'STOPSIGNAL' || keyword === 'WORKDIR')
    return [{ word: instruction.value }]
  if (keyword === 'ENV' || keyword === 'LABEL' || keyword === 'ARG')
    return instruction.assignments.flatMap(({ name, value = '' }) => [{ word: name }, { word: value }])
  if (keyword !== 'COPY' && keyword !== 'ADD') return []
  const { sources, destination, chown = '', chmod = '', exclude, heredocs } = instruction
  return [
    ...[...sources, destination, chown, chmod, ...exclude].map(word => ({ word })),
    ...heredocs.filter(({ expand }) => expand).map(({ content }) => ({ word: content, raw: true })),
  ]
}
