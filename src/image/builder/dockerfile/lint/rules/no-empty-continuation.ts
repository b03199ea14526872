import { allInstructions, type Rule } from '../rule.ts'

/** An empty line within an instruction will end it one day. */
export const noEmptyContinuation: Rule = {
  name: 'NoEmptyContinuation',
  check: function* ({ dockerfile }) {
    for (const { hasEmptyLine, range } of allInstructions(dockerfile))
      if (hasEmptyLine)
        yield {
          range: { ...range, start: { line: range.end.line, column: 1 } },
          summary: 'an instruction goes on behind an empty line',
          hint: 'take the empty line out, or begin it with #',
        }
  },
}
