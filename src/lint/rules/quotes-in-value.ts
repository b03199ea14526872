import { writtenArguments, writtenEnvironment, writtenLabels } from '../facts/environment.ts'
import { perService, type Rule } from '../rule.ts'

/** QUOTES_IN_VALUE */
export const quotesInValue: Rule = {
  code: 'QUOTES_IN_VALUE',
  severity: 'warning',
  about: 'A value in a list of KEY=value has quotes around it, which become a part of it',
  find: perService(function* (subject) {
    const { rangeOf, textAt } = subject
    const all = [...writtenEnvironment(subject), ...writtenArguments(subject), ...writtenLabels(subject)]
    for (const { name, value, path } of all) {
      if (!/^(["']).*\1$/s.test(value) || value.length < 2) continue
      const range = rangeOf(path)
      // In a mapping the quotes inside of quotes are meant.
      if (range === undefined || !textAt(range)?.includes(`${name}=`)) continue
      yield {
        path,
        summary: `the quotes are a part of the value: ${name} is ${value}`,
        hint: `write - ${name}=${value.slice(1, -1)}, in quotes as a whole where YAML needs some`,
      }
    }
  }),
}
