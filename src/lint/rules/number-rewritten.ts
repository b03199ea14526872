import { writtenArguments, writtenEnvironment, writtenLabels } from '../facts/environment.ts'
import { perService, type Rule } from '../rule.ts'

/** What YAML may take for a number or a date. */
const PLAIN = /^[-+]?[0-9.][0-9a-zA-Z_.+:-]*$/

/** NUMBER_REWRITTEN */
export const numberRewritten: Rule = {
  code: 'NUMBER_REWRITTEN',
  severity: 'warning',
  about: 'A value without quotes is a number for YAML, and comes out as another text: 1.10 as 1.1',
  find: perService(function* (subject) {
    const { rangeOf, textAt } = subject
    const all = [...writtenEnvironment(subject), ...writtenArguments(subject), ...writtenLabels(subject)]
    for (const { name, value, path } of all) {
      const range = rangeOf(path)
      const written = range && textAt(range)?.trim()
      if (written === undefined || !PLAIN.test(written) || written === value) continue
      yield {
        path,
        summary: `${name} is "${value}", not "${written}": YAML reads it as a number`,
        hint: `put it in quotes: "${written}"`,
      }
    }
  }),
}
